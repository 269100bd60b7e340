using System.Buffers.Binary;
using MetaMap.Testing;
using SkiaSharp;

namespace MetaMap.Data.Tests.Images.Formats;

/// <summary>A small file of each format, made anew.</summary>
internal static class SampleFiles
{
    /// <summary>Four pixels: red, green, blue, white; two pictures' worth of codes are cleared in between, so that all have three bits.</summary>
    public static byte[] Gif { get; } =
    [
        .. "GIF89a"u8, 2, 0, 2, 0, 0x81, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255,
        .. (byte[])[(byte)',', 0, 0, 0, 0, 2, 0, 2, 0, 0, 2, 3, .. Codes(4, 0, 1, 4, 2, 3, 5), 0, (byte)';'],
    ];

    /// <summary>Names with the files' endings.</summary>
    public static IReadOnlyDictionary<string, byte[]> All { get; } = new Dictionary<string, byte[]>
    {
        ["1.png"] = PngFile.Of(9, 9, 3, (row, column, _) => row * column),
        ["1.jpg"] = Jpeg(),
        ["1.gif"] = Gif,
        ["1.bmp"] = Bmp,
        ["1.webp"] = Encoded(SKEncodedImageFormat.Webp, Quadrants()),
        ["1.ppm"] = [.. "P6 2 2 255\n"u8, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255],
        ["1.pgm"] = "P2 # grey\n2 2 15\n0 5\n10 15"u8.ToArray(),
    };

    /// <summary>The same four pixels, rows from below.</summary>
    public static byte[] Bmp
    {
        get
        {
            byte[] file = new byte[54 + 16];
            "BM"u8.CopyTo(file);
            (file[10], file[14], file[18], file[22], file[26], file[28]) = (54, 40, 2, 2, 1, 24);
            (file[54], file[57], file[58], file[59], file[64], file[66]) = (255, 255, 255, 255, 255, 255);
            file[63] = 0;
            return file;
        }
    }

    /// <summary>16x32 pixels in colour: left half black, right half white, lower rows grey.</summary>
    public static SKBitmap Quadrants()
    {
        SKBitmap bitmap = new(32, 16, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        bitmap.Erase(SKColors.Gray);
        for (int i = 0; i < 32 * 8; i++)
        {
            bitmap.SetPixel(i % 32, i / 32, i % 32 < 16 ? SKColors.Black : SKColors.White);
        }

        return bitmap;
    }

    public static byte[] Encoded(SKEncodedImageFormat format, SKBitmap bitmap)
    {
        using (bitmap)
        {
            using SKData data = bitmap.Encode(format, 100);
            return data.ToArray();
        }
    }

    /// <summary>A JPEG of <see cref="Quadrants"/>, with an orientation in Exif data where one is given.</summary>
    public static byte[] Jpeg(int? orientation = null)
    {
        byte[] plain = Encoded(SKEncodedImageFormat.Jpeg, Quadrants());
        return orientation is { } number ? [.. plain[..2], .. Segment([.. "Exif\0\0"u8, .. Exif(number)]), .. plain[2..]] : plain;
    }

    /// <summary>Exif data with one entry, the orientation.</summary>
    public static byte[] Exif(int orientation, bool isLittle = true) => isLittle
        ? [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0]
        : [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];

    /// <summary>A segment APP1 of a JPEG.</summary>
    public static byte[] Segment(byte[] content)
    {
        byte[] segment = [0xFF, 0xE1, 0, 0, .. content];
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)(content.Length + 2));
        return segment;
    }

    private static byte[] Codes(params int[] codes)
    {
        int bits = 0;
        for (int i = 0; i < codes.Length; i++)
        {
            bits |= codes[i] << (3 * i);
        }

        return [(byte)bits, (byte)(bits >> 8), (byte)(bits >> 16)];
    }
}
