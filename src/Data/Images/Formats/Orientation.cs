using System.Buffers.Binary;

namespace MetaMap.Data.Images.Formats;

/// <summary>How a stored image is to be turned to be seen upright, numbered as in Exif (tag 0x0112): 1 upright, 3 by a half turn, 6 clockwise, 8 counter-clockwise; 2, 4, 5 and 7 are mirrored.</summary>
/// <param name="Number">1 to 8.</param>
internal readonly record struct Orientation(int Number)
{
    private const int Tag = 0x0112;
    private const int EntryBytes = 12;

    /// <summary>As it is stored.</summary>
    public static Orientation Upright { get; } = new(1);

    /// <summary>Whether rows become columns.</summary>
    public bool SwapsSides => Number >= 5;

    /// <summary>Reads Exif data, which is in the form of a TIFF file; upright when it says nothing that can be understood.</summary>
    public static Orientation OfExif(ReadOnlySpan<byte> tiff)
    {
        bool isLittle = tiff.StartsWith("II*\0"u8);
        if (tiff.Length < 8 || !(isLittle || tiff.StartsWith("MM\0*"u8)))
        {
            return Upright;
        }

        uint start = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (start > tiff.Length - 2)
        {
            return Upright;
        }

        int count = Short(tiff[(int)start..], isLittle);
        ReadOnlySpan<byte> entries = tiff[((int)start + 2)..];
        for (; count > 0 && entries.Length >= EntryBytes; count--, entries = entries[EntryBytes..])
        {
            if (Short(entries, isLittle) == Tag)
            {
                return Short(entries[8..], isLittle) is >= 1 and <= 8 and int number ? new Orientation(number) : Upright;
            }
        }

        return Upright;
    }

    /// <summary>Turns an image.</summary>
    public Pixels Turn(Pixels image)
    {
        if (Number == 1)
        {
            return image;
        }

        (int height, int width, int components) = (image.Height, image.Width, image.Components);
        Pixels turned = SwapsSides
            ? image with { Data = new byte[image.Data.Length], Height = width, Width = height } : image with { Data = new byte[image.Data.Length] };
        for (int row = 0; row < turned.Height; row++)
        {
            for (int column = 0; column < turned.Width; column++)
            {
                (int fromRow, int fromColumn) = Number switch
                {
                    2 => (row, width - 1 - column),
                    3 => (height - 1 - row, width - 1 - column),
                    4 => (height - 1 - row, column),
                    5 => (column, row),
                    6 => (height - 1 - column, row),
                    7 => (height - 1 - column, width - 1 - row),
                    _ => (column, width - 1 - row),
                };
                image.Data.AsSpan((fromRow * width + fromColumn) * components, components).CopyTo(turned.Data.AsSpan((row * turned.Width + column) * components));
            }
        }

        return turned;
    }

    private static int Short(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
