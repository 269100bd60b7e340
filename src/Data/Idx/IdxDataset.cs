using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MetaMap.Core;
using MetaMap.Data.Cache;
using MetaMap.Data.Files;

namespace MetaMap.Data.Idx;

/// <summary>
/// MNIST (LeCun et al. 1998) or a dataset of the same four files, e.g. Fashion-MNIST (Xiao et al. 2017): ten classes, the
/// published training images of each followed by its test images, because in few-shot learning the classes are split and not the images.
/// </summary>
internal sealed class IdxDataset : IEpisodeDataset
{
    // Stands for how images are read from the files: increment its number when the same files give other pixels.
    private const string Recipe = "idx, reading 1\n";

    private static readonly ImmutableArray<string> _parts = ["train", "t10k"];

    private readonly DecodedImages _images;

    private IdxDataset(string name, ImmutableArray<string> classNames, ImmutableArray<(IdxFile Images, IdxFile Labels)> parts)
    {
        ImageShape shape = new(1, parts[0].Images.Dimensions[1], parts[0].Images.Dimensions[2]);
        byte[][] labels = [.. parts.Select(part => Labels(name, part.Images, part.Labels, classNames.Length))];
        int[] counts = new int[classNames.Length];
        foreach (byte label in labels.SelectMany(part => part))
        {
            counts[label]++;
        }

        ImmutableArray<DatasetClass> classes = [.. classNames.Select((className, i) => new DatasetClass(className, counts[i]) { TestExamples = labels[^1].Count(label => label == i) })];
        string source = Recipe + string.Concat(parts.SelectMany(part => new[] { part.Images, part.Labels })
            .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Crc32:x8}\t{file.ContentBytes}\n")));
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)));
        _images = new DecodedImages(shape, classes, () => DecodedCache.Open(
            new CacheKey(name, source), CacheFolders.OfUser(), shape.ToString(), counts.Sum() * (long)shape.Length,
            write => Decode(parts, labels, counts, shape.Length, write)));
        Catalog = new DatasetCatalog(name, shape, classes, digest);
    }

    /// <inheritdoc />
    public DatasetCatalog Catalog { get; }

    /// <summary>Opens the files of a folder, gzipped or not; images are unpacked when the first one is asked for.</summary>
    /// <param name="name">The dataset's name in options.</param>
    /// <param name="folder">The folder with the four files.</param>
    /// <param name="classNames">Names of the classes, by label.</param>
    /// <exception cref="DataException">A file is missing or cut off, or the files do not belong together.</exception>
    public static IdxDataset Open(string name, string folder, ImmutableArray<string> classNames)
    {
        DataPath.RequireFolder(name, folder, "the folder that holds train-images-idx3-ubyte.gz and its three sisters");
        ImmutableArray<(IdxFile Images, IdxFile Labels)> parts =
        [
            .. _parts.Select(part => (
                IdxFile.Open(name, folder, $"{part}-images-idx3-ubyte", 3), IdxFile.Open(name, folder, $"{part}-labels-idx1-ubyte", 1))),
        ];
        (IdxFile first, IdxFile second) = (parts[0].Images, parts[1].Images);
        return first.Dimensions.AsSpan()[1..].SequenceEqual(second.Dimensions.AsSpan()[1..])
            ? new IdxDataset(name, classNames, parts)
            : throw new DataException(
                $"{first.Path} has images of {string.Join('x', first.Dimensions.Skip(1))} and {second.Path} of {string.Join('x', second.Dimensions.Skip(1))}, expected equal ones: fetch both again");
    }

    /// <inheritdoc />
    /// <exception cref="DataException">On first use: a file is damaged.</exception>
    public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination) =>
        _images.Copy(classIndex, exampleIndex, quarterTurns, destination);

    private static byte[] Labels(string name, IdxFile images, IdxFile file, int classes)
    {
        byte[] labels = file.ReadAll();
        if (labels.Length != images.Dimensions[0])
        {
            throw new DataException($"{file.Path} has {labels.Length} labels and {images.Path} {images.Dimensions[0]} images, expected as many: fetch both again");
        }

        int wrong = Array.FindIndex(labels, label => label >= classes);
        return wrong < 0
            ? labels
            : throw new DataException($"{file.Path} has the label {labels[wrong]} at place {wrong}, expected 0 to {classes - 1}: use the files of {name}");
    }

    /// <summary>Writes the images of each class next to each other, in the order of the files.</summary>
    private static void Decode(
        ImmutableArray<(IdxFile Images, IdxFile Labels)> parts, byte[][] labels, int[] counts, int imageBytes, WriteDecoded write)
    {
        long[] next = new long[counts.Length];
        for (int i = 1; i < next.Length; i++)
        {
            next[i] = next[i - 1] + counts[i - 1];
        }

        for (int part = 0; part < parts.Length; part++)
        {
            byte[] labelOf = labels[part];
            parts[part].Images.ReadEach(imageBytes, (i, image) => write(next[labelOf[i]]++ * imageBytes, image));
        }
    }
}
