using System.Runtime.ExceptionServices;

namespace MetaMap.Core.Data.Omniglot;

/// <summary>
/// Omniglot (Lake et al. 2015): 1,623 handwritten characters of 50 alphabets with 20 examples each, here 28x28, one
/// channel, ink 1. Opened from the official archives or their unpacked folders without decoding an image; the first
/// image that is asked for decodes them all, on every core, and keeps them as bytes (25 MB).
/// </summary>
public sealed class OmniglotDataset : IEpisodeDataset
{
    /// <summary>The dataset's name in options.</summary>
    public const string Name = "omniglot";

    /// <summary>The half that is for training in the official split; the first part of its classes' names.</summary>
    public const string Background = "images_background";

    /// <summary>The half that is for testing in the official split; the first part of its classes' names.</summary>
    public const string Evaluation = "images_evaluation";

    private const int ImageBytes = OmniglotImage.Side * OmniglotImage.Side;

    private readonly OmniglotIndex _index;
    private readonly Lazy<byte[]> _pixels;

    private OmniglotDataset(IReadOnlyList<IOmniglotSource> sources)
    {
        _index = OmniglotIndex.Of(sources);
        _pixels = new Lazy<byte[]>(() => Decode(_index, sources));
        Catalog = new DatasetCatalog(Name, new ImageShape(1, OmniglotImage.Side, OmniglotImage.Side), _index.Classes, _index.Digest);
    }

    /// <inheritdoc />
    public DatasetCatalog Catalog { get; }

    /// <summary>Opens what a folder holds of <c>images_background</c> and <c>images_evaluation</c>; of each, the archive before the folder.</summary>
    /// <param name="directory">The folder that holds them.</param>
    /// <exception cref="DataException">Missing, empty, cut off, or laid out otherwise.</exception>
    public static OmniglotDataset Open(string directory)
    {
        if (!Directory.Exists(directory))
        {
            string found = File.Exists(directory) ? "is a file" : "does not exist";
            throw new DataException(
                $"the Omniglot folder {directory} {found}: pass the folder that holds {Background}.zip and {Evaluation}.zip");
        }

        List<IOmniglotSource> sources = [];
        foreach (string half in (string[])[Background, Evaluation])
        {
            string location = Path.Combine(directory, half);
            if (File.Exists(location + ".zip"))
            {
                sources.Add(new OmniglotZip(location + ".zip"));
            }
            else if (Directory.Exists(location))
            {
                sources.Add(new OmniglotFolder(location));
            }
        }

        return sources.Count > 0
            ? new OmniglotDataset(sources)
            : throw new DataException(
                $"{directory} holds neither {Background} nor {Evaluation}, as .zip or folder: download the official archives into it");
    }

    /// <inheritdoc />
    /// <exception cref="DataException">On first use: an image is damaged, is no PNG, or is of another size.</exception>
    public void CopyImage(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(exampleIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(exampleIndex, _index.Classes[classIndex].ExampleCount);
        int image = _index.FirstImage[classIndex] + exampleIndex;
        RotatedImage.Copy(_pixels.Value.AsSpan(image * ImageBytes, ImageBytes), Catalog.Image, quarterTurns, destination);
    }

    private static byte[] Decode(OmniglotIndex index, IReadOnlyList<IOmniglotSource> sources)
    {
        Dictionary<string, int> numbers = new(index.Files.Length, StringComparer.Ordinal);
        for (int i = 0; i < index.Files.Length; i++)
        {
            numbers.Add(index.Files[i].Path, i);
        }

        byte[] pixels = new byte[index.Files.Length * ImageBytes];
        int decoded = 0;
        try
        {
            foreach (IOmniglotSource source in sources)
            {
                Parallel.ForEach(source.Read(), file =>
                {
                    string path = $"{file.Path} in {source.Location}";
                    if (!numbers.TryGetValue(file.Path, out int image) || Crc32.Of(file.Content) != index.Files[image].Crc32)
                    {
                        throw new DataException($"{path} is damaged, its checksum does not match: download the dataset again");
                    }

                    OmniglotImage.Decode(path, file.Content, pixels.AsSpan(image * ImageBytes, ImageBytes));
                    Interlocked.Increment(ref decoded);
                });
            }
        }
        catch (AggregateException e) when (e.InnerException is DataException first)
        {
            ExceptionDispatchInfo.Throw(first);
        }

        return decoded == index.Files.Length
            ? pixels
            : throw new DataException(
                $"{sources[0].Location} lost images while it was open ({decoded} of {index.Files.Length} are left): start again");
    }
}
