using System.Collections.Immutable;
using System.IO.Hashing;
using System.Runtime.ExceptionServices;
using MetaMap.Core;
using MetaMap.Data.Cache;

namespace MetaMap.Data.Omniglot;

/// <summary>
/// Omniglot (Lake et al. 2015): 1,623 handwritten characters of 50 alphabets with 20 examples each, here 28x28, one
/// channel, ink 1. Opened from the official archives or their unpacked folders without decoding an image; the first
/// request for an image decodes them all, on every core, and keeps them as bytes (25 MB) in a cache file.
/// </summary>
internal sealed class OmniglotDataset : IEpisodeDataset
{
    /// <summary>The dataset's name in options.</summary>
    public const string Name = "omniglot";

    private const int ImageBytes = OmniglotImage.Side * OmniglotImage.Side;

    // Santoro et al. 2016 train on 1,200 of the classes; Finn et al. 2017 keep 100 of those for validation.
    internal static readonly SplitSizes SeededParts = new(1100, 100, 1623);

    private readonly DecodedImages _images;

    private OmniglotDataset(IReadOnlyList<IOmniglotSource> sources, string[] notices)
    {
        OmniglotIndex index = OmniglotIndex.Of(sources);
        ImageShape shape = new(1, OmniglotImage.Side, OmniglotImage.Side);
        _images = new DecodedImages(shape, index.Classes, () => DecodedCache.Open(
            new CacheKey(Name, index.Digest), CacheFolders.OfUser(), shape.ToString(), (long)index.Files.Length * ImageBytes,
            write => Decode(index, sources, write)));
        Catalog = new DatasetCatalog(Name, shape, index.Classes, index.Digest)
        {
            RotatesClasses = true, SeededParts = SeededParts, OfficialSplit = SplitOfficially,
            Notices = [.. notices], Nouns = ("classes", "images"),
        };
    }

    /// <inheritdoc />
    public DatasetCatalog Catalog { get; }

    /// <summary>
    /// The background classes for training, except 100 of the 964, picked by the seed, for validation (of another number, the
    /// same fraction); and the evaluation classes for test.
    /// </summary>
    /// <exception cref="DataException">One of the halves is missing.</exception>
    internal static ClassSplit SplitOfficially(DatasetCatalog catalog, long seed)
    {
        int[] background = Half(catalog, OmniglotSources.Background);
        int[] evaluation = Half(catalog, OmniglotSources.Evaluation);
        (ImmutableArray<int> validation, ImmutableArray<int> train) = ClassSplitter.Divide(background, background.Length * 100 / 964, seed);
        return new ClassSplit(train, validation, [.. evaluation]);
    }

    /// <summary>Opens the sets that a folder holds.</summary>
    /// <param name="directory">The folder of <see cref="OmniglotSources"/>.</param>
    /// <exception cref="DataException">The dataset is missing, empty, cut off, or laid out differently.</exception>
    public static OmniglotDataset Open(string directory)
    {
        (IReadOnlyList<IOmniglotSource> sources, string[] notices) = OmniglotSources.Find(directory);
        return new OmniglotDataset(sources, notices);
    }

    /// <inheritdoc />
    /// <exception cref="DataException">On first use: an image is damaged, is not a PNG, or has another size.</exception>
    public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination) =>
        _images.Copy(classIndex, exampleIndex, quarterTurns, destination);

    private static void Decode(OmniglotIndex index, IReadOnlyList<IOmniglotSource> sources, WriteDecoded write)
    {
        Dictionary<string, int> numbers = new(index.Files.Length, StringComparer.Ordinal);
        for (int i = 0; i < index.Files.Length; i++)
        {
            numbers.Add(index.Files[i].Path, i);
        }

        int decoded = 0;
        try
        {
            foreach (IOmniglotSource source in sources)
            {
                Parallel.ForEach(source.Read(), file =>
                {
                    string path = $"{file.Path} in {source.Location}";
                    if (!numbers.TryGetValue(file.Path, out int image) || Crc32.HashToUInt32(file.Content) != index.Files[image].Crc32)
                    {
                        throw new DataException($"{path} is damaged, its checksum does not match: download the dataset again");
                    }

                    Span<byte> pixels = stackalloc byte[ImageBytes];
                    OmniglotImage.Decode(path, file.Content, pixels);
                    write((long)image * ImageBytes, pixels);
                    Interlocked.Increment(ref decoded);
                });
            }
        }
        catch (AggregateException e) when (e.InnerException is DataException or IOException)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
        }

        if (decoded != index.Files.Length)
        {
            throw new DataException(
                $"{sources[0].Location} lost images while it was open ({decoded} of {index.Files.Length} are left): start again");
        }
    }

    private static int[] Half(DatasetCatalog catalog, string half)
    {
        int[] classes = [.. Enumerable.Range(0, catalog.Classes.Length)
            .Where(i => catalog.Classes[i].Name.StartsWith(half, StringComparison.Ordinal))];
        return classes.Length > 0
            ? classes
            : throw new DataException(
                $"the {ClassSplitter.Official} split of {catalog.Name} needs {half}, and the data folder has none: add {half}.zip, or use {ClassSplitter.Seeded}");
    }
}
