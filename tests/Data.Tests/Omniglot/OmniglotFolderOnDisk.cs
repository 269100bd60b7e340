using System.Buffers.Binary;
using System.IO.Compression;
using MetaMap.Testing;

namespace MetaMap.Data.Tests.Omniglot;

/// <summary>A small folder in the form of Omniglot, removed at the end of the test.</summary>
internal sealed class OmniglotFolderOnDisk : IDisposable
{
    public string Location { get; } = Directory.CreateTempSubdirectory("omniglot-").FullName;

    /// <summary>Two classes in background, one in evaluation, two examples each; all images differ.</summary>
    public static IReadOnlyList<(string Path, byte[] Content)> Images { get; } =
    [
        ("images_background/Alpha/character01/0001_01.png", Png(105, (row, column) => row < 40)),
        ("images_background/Alpha/character01/0001_02.png", Png(105, (row, column) => column < 41)),
        ("images_background/Beta/character01/0002_01.png", Png(105, (row, column) => row == column)),
        ("images_background/Beta/character01/0002_02.png", Png(105, (row, column) => row * row + column * column < 5000)),
        ("images_evaluation/Gamma/character01/0003_01.png", Png(105, (row, column) => (row * 7 + column * 13) % 11 < 3)),
        ("images_evaluation/Gamma/character01/0003_02.png", Png(105, (row, column) => column > 90)),
    ];

    public OmniglotFolderOnDisk WithZip(string half, IEnumerable<(string Path, byte[] Content)> images)
    {
        using ZipArchive archive = ZipFile.Open(Path.Combine(Location, half + ".zip"), ZipArchiveMode.Create);
        foreach ((string path, byte[] content) in images)
        {
            using Stream entry = archive.CreateEntry(path).Open();
            entry.Write(content);
        }

        return this;
    }

    public OmniglotFolderOnDisk WithZips() => WithZip("images_background", Images.Take(4)).WithZip("images_evaluation", Images.Skip(4));

    public OmniglotFolderOnDisk WithFile(string path, byte[] content)
    {
        string file = Path.Combine(Location, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
        return this;
    }

    /// <summary>A PNG of one bit per pixel, black where there is ink, as Omniglot's are.</summary>
    public static byte[] Png(int side, Func<int, int, bool> ink)
    {
        int rowBytes = 1 + (side + 7) / 8;
        byte[] rows = new byte[side * rowBytes];
        for (int row = 0; row < side; row++)
        {
            for (int column = 0; column < side; column++)
            {
                rows[row * rowBytes + 1 + column / 8] |= (byte)(ink(row, column) ? 0 : 0x80 >> (column % 8));
            }
        }

        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(rows);
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, side);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), side);
        header[8] = 1;
        return [0x89, .. "PNG\r\n\x1a\n"u8, .. PngFile.Chunk("IHDR"u8, header), .. PngFile.Chunk("IDAT"u8, packed.ToArray()), .. PngFile.Chunk("IEND"u8, [])];
    }

    public void Dispose() => Directory.Delete(Location, recursive: true);
}
