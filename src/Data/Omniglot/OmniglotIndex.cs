using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using MetaMap.Core;

namespace MetaMap.Data.Omniglot;

/// <summary>
/// Every image of the dataset in a fixed order, found without decoding one: by path in ordinal order, so background
/// before evaluation, and a class's images next to each other.
/// </summary>
/// <param name="Files">All images; the position is the image's number.</param>
/// <param name="Classes">The classes, in the order of their images.</param>
/// <param name="Digest">SHA-256 over the paths, checksums and lengths: the same for an archive and its unpacked folder.</param>
internal sealed record OmniglotIndex(
    ImmutableArray<OmniglotFile> Files, ImmutableArray<DatasetClass> Classes, string Digest)
{
    // Stands for how an image is read from a file: increment its number when the same files give other pixels.
    private const string Recipe = "omniglot, reading 1, area average to 28x28, ink 255\n";

    /// <summary>Largest image file; a 105x105 image of one bit per pixel takes about 150 bytes.</summary>
    private const long MaxFileBytes = 1 << 20;

    /// <summary>Lists the sources.</summary>
    /// <exception cref="DataException">A source is unreadable, empty, or laid out differently.</exception>
    public static OmniglotIndex Of(IEnumerable<IOmniglotSource> sources)
    {
        ImmutableArray<OmniglotFile> files =
            [.. sources.SelectMany(List).OrderBy(file => file.Path, StringComparer.Ordinal)];
        ImmutableArray<DatasetClass>.Builder classes = ImmutableArray.CreateBuilder<DatasetClass>();
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(Recipe));
        foreach (OmniglotFile file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.Path}\t{file.Crc32:x8}\t{file.LengthBytes}\n"));
            string name = file.Path[..file.Path.LastIndexOf('/')];
            if (classes.Count > 0 && classes[^1].Name == name)
            {
                classes[^1] = classes[^1] with { ExampleCount = classes[^1].ExampleCount + 1 };
                continue;
            }

            classes.Add(new DatasetClass(name, 1));
        }

        return new OmniglotIndex(
            files, classes.ToImmutable(), Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static IReadOnlyList<OmniglotFile> List(IOmniglotSource source)
    {
        IReadOnlyList<OmniglotFile> files = source.List();
        if (files.Count == 0)
        {
            throw new DataException($"{source.Location} holds no images: download it again");
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        string half = Path.GetFileNameWithoutExtension(source.Location);
        foreach (OmniglotFile file in files)
        {
            string[] parts = file.Path.Split('/');
            if (parts.Length != 4 || parts[0] != half || parts.Contains("") || !parts[3].EndsWith(".png", StringComparison.Ordinal))
            {
                throw new DataException(
                    $"{source.Location} holds {file.Path}, expected only {half}/<alphabet>/<character>/<image>.png: "
                    + "use the official archive, or unpack it again");
            }

            if (file.LengthBytes > MaxFileBytes || !seen.Add(file.Path))
            {
                string fault = file.LengthBytes > MaxFileBytes ? $"with {file.LengthBytes} bytes" : "twice";
                throw new DataException($"{source.Location} holds {file.Path} {fault}: download the archive again");
            }
        }

        return files;
    }
}
