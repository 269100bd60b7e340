using System.Buffers.Binary;

namespace MetaMap.Data.Images.Formats;

/// <summary>GIF (version 89a): a header, then extensions (!) and pictures (,) up to the trailer (;). Of an animation, the first picture.</summary>
internal sealed class GifFormat : StbFormat
{
    private const int HeaderBytes = 13;
    private const int PictureBytes = 10;

    /// <inheritdoc />
    public override void Check(ReadOnlySpan<byte> file)
    {
        int paletteBytes = PaletteBytes(At(file, HeaderBytes - 3));
        file = From(file, HeaderBytes + paletteBytes);
        bool isFirst = true;
        while (At(file, 0) is byte kind && kind != ';')
        {
            if (kind == ',' && isFirst)
            {
                CheckPicture(file, paletteBytes);
                isFirst = false;
            }

            file = WithoutBlocks(From(file, kind switch
            {
                (byte)'!' => 2,
                (byte)',' => PictureBytes + PaletteBytes(At(file, PictureBytes - 1)) + 1,
                _ => throw new InvalidDataException($"it has a block of the unknown kind {kind}"),
            }));
        }
    }

    /// <inheritdoc />
    protected override bool Begins(ReadOnlySpan<byte> file) => file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8);

    /// <param name="picture">From its comma on.</param>
    /// <param name="paletteBytes">Of the palette that it has where it has none of its own.</param>
    private static void CheckPicture(ReadOnlySpan<byte> picture, int paletteBytes)
    {
        int own = PaletteBytes(At(picture, PictureBytes - 1));
        ReadOnlySpan<byte> codes = From(picture, PictureBytes + own);
        using MemoryStream data = new();
        for (ReadOnlySpan<byte> blocks = From(codes, 1); At(blocks, 0) is > 0 and byte length; blocks = From(blocks, 1 + length))
        {
            _ = From(blocks, 1 + length);
            data.Write(blocks.Slice(1, length));
        }

        long pixels = (long)BinaryPrimitives.ReadUInt16LittleEndian(picture[5..]) * BinaryPrimitives.ReadUInt16LittleEndian(picture[7..]);
        new GifPixels(At(codes, 0)).Check(data.ToArray(), pixels, (own > 0 ? own : paletteBytes) / 3);
    }

    private static int PaletteBytes(byte flags) => (flags & 0x80) != 0 ? 3 << ((flags & 7) + 1) : 0;

    /// <summary>Goes past blocks, each of one byte with its length and as many more, to after the empty one.</summary>
    private static ReadOnlySpan<byte> WithoutBlocks(ReadOnlySpan<byte> file)
    {
        byte length;
        do
        {
            length = At(file, 0);
            file = From(file, 1 + length);
        }
        while (length > 0);
        return file;
    }

    private static byte At(ReadOnlySpan<byte> file, int place) => place < file.Length ? file[place] : throw CutOff("its trailer");

    private static ReadOnlySpan<byte> From(ReadOnlySpan<byte> file, int place) => place <= file.Length ? file[place..] : throw CutOff("its trailer");
}
