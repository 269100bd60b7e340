using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MetaMap.Core;
using MetaMap.Data.Cache;

namespace MetaMap.Data.Images;

/// <summary>
/// A folder of images by class, e.g. mini-ImageNet, tieredImageNet or CIFAR-FS: one channel, or three if any
/// image's format has colour, all of one size. Opened without decoding an image; the first request for an image decodes
/// them all, on every core, into a cache file. Its digest is of the images' contents (<see cref="ImageDigests"/>).
/// </summary>
internal sealed class ImageFolderDataset : IEpisodeDataset
{
    /// <summary>The dataset's name in options.</summary>
    public const string Name = "images";

    /// <summary>Side in pixels where images of several sizes are found and no size is asked for (mini-ImageNet; Vinyals et al. 2016).</summary>
    public const int DefaultSide = 84;

    // Stands for how an image is read from a file: increment its number when the same files give other pixels.
    private const string Recipe = "images, reading 3, triangle filter\n";

    private readonly DecodedImages _images;

    private ImageFolderDataset(ImageListing listing, ImageFolderOptions options)
    {
        ImmutableArray<ImageClass> found = listing.Classes;
        (int? side, Backdrop backdrop) = (options.ImageSize, Backdrop.Parse(options.Background)!.Value);
        ImageReader reader = new(backdrop);
        string recipe = $"{Recipe}{backdrop}\n";
        ImmutableArray<ImageFile> files = [.. found.SelectMany(item => item.Files)];
        IReadOnlyList<string> folders = CacheFolders.OfUser();
        byte[] digests = ImageDigests.Of(files, folders);
        CacheKey key = new(Name, string.Create(CultureInfo.InvariantCulture, $"{recipe}{side}\n{Convert.ToHexString(digests)}"));
        DecodedCache? cache = DecodedCache.TryOpen(key, folders);
        ImageShape shape = InputShape.TryParse(cache?.Description, out InputShape known) ? known.ToImageShape() : CommonShape(files, side, reader);
        ImmutableArray<DatasetClass> classes = [.. found.Select(item => new DatasetClass(item.Name, item.Files.Count) { Part = item.Part, TestExamples = item.TestFiles })];
        _images = new DecodedImages(shape, classes, () => cache ?? DecodedCache.Open(
            key, folders, shape.ToString(), files.Length * (long)shape.Length, write => Decode(files, shape, reader, write)));

        // Of contents and not of file times, which differ between machines.
        int image = 0;
        string content = $"{recipe}{shape}\n" + string.Concat(found.SelectMany(item => item.Files.Select(file =>
            $"{item.Part}\t{item.Name}\t{file.Name}\t{Convert.ToHexString(digests.AsSpan(ImageDigests.Bytes * image++, ImageDigests.Bytes))}\n")));
        Catalog = new DatasetCatalog(Name, shape, classes, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content))))
        {
            Notices = [.. listing.Notices], Nouns = ("classes", "images"),
        };
    }

    /// <inheritdoc />
    public DatasetCatalog Catalog { get; }

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">Laid out as <see cref="ImageFolders"/> says.</param>
    /// <param name="options">Size, background, and the split.</param>
    /// <exception cref="DataException">The layout is another one, or a file is not an image or is too large.</exception>
    public static ImageFolderDataset Open(string folder, ImageFolderOptions options) =>
        new(ImageFolders.List(folder, options.Split), options);

    /// <inheritdoc />
    /// <exception cref="DataException">On first use: an image is damaged.</exception>
    public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination) =>
        _images.Copy(classIndex, exampleIndex, quarterTurns, destination);

    private static ImageShape CommonShape(ImmutableArray<ImageFile> files, int? side, ImageReader reader)
    {
        ImageShape[] shapes = new ImageShape[files.Length];
        ImageFile.Each(files, (i, file) => shapes[i] = reader.Shape(file));
        int channels = shapes.Max(shape => shape.Channels);
        bool haveOneSize = shapes.All(shape => (shape.Height, shape.Width) == (shapes[0].Height, shapes[0].Width));
        return side is null && haveOneSize && Math.Max(shapes[0].Height, shapes[0].Width) <= 4096
            ? shapes[0] with { Channels = channels }
            : new ImageShape(channels, side ?? DefaultSide, side ?? DefaultSide);
    }

    private static void Decode(ImmutableArray<ImageFile> files, ImageShape shape, ImageReader reader, WriteDecoded write) =>
        ImageFile.Each(files, (i, file) => write(i * (long)shape.Length, reader.Read(file, shape)));
}
