using System.Buffers.Binary;
using System.IO.Compression;
using MetaMap.Data.Images;

namespace MetaMap.Data.Tests.Images;

/// <summary>A folder of images, removed at the end of the test.</summary>
internal sealed class ImageFolderOnDisk : IDisposable
{
    /// <summary>A baseline JPEG of 8x16 pixels, all grey 100.</summary>
    public static byte[] GreyJpeg { get; } = Convert.FromBase64String(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQH/wAALCAAIABABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQAAPwD4fD//2Q==");

    /// <summary>A baseline JPEG of 8x16 pixels, all of Y 81, Cb 90, Cr 240: red 238, green 14, blue 14.</summary>
    public static byte[] RedJpeg { get; } = Convert.FromBase64String(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQH/wAARCAAIABADAREAAhEAAxEA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACAAMAAD8A/Id+Z7+4AAP/2Q==");

    public string Location { get; } = Directory.CreateTempSubdirectory("images-").FullName;

    /// <summary>An 8-bit PNG of some components per pixel: 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha.</summary>
    public static byte[] Png(int height, int width, int components, Func<int, int, int, int> value, int bits = 8, params byte[][] moreChunks)
    {
        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int row = 0; row < height; row++)
            {
                zlib.WriteByte(0);
                for (int i = 0; i < width * components; i++)
                {
                    int item = value(row, i / components, i % components);
                    zlib.Write(bits == 16 ? [(byte)(item >> 8), (byte)item] : [(byte)item]);
                }
            }
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = ((byte)bits, (byte)(components switch { 1 => 0, 2 => 4, 3 => 2, _ => 6 }));
        return
        [
            .. PngChunks.Signature, .. PngChunks.Chunk("IHDR"u8, header), .. moreChunks.SelectMany(chunk => chunk),
            .. PngChunks.Chunk("IDAT"u8, packed.ToArray()), .. PngChunks.Chunk("IEND"u8, []),
        ];
    }

    /// <summary>A grey PNG of one value.</summary>
    public static byte[] Grey(int side, int value) => Png(side, side, 1, (_, _, _) => value);

    public ImageFolderOnDisk With(string path, byte[] content)
    {
        string file = Path.Combine(Location, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
        return this;
    }

    public ImageFolderOnDisk With(string path, string text) => With(path, System.Text.Encoding.UTF8.GetBytes(text));

    public IEpisodeDataset Open(int? side = null, string background = "white", string? split = null) =>
        new ImageFolderDefinition().Open(new ImageFolderOptions { ImageSize = side, Background = background, Split = split }, default, Location);

    public void Dispose() => Directory.Delete(Location, recursive: true);
}
