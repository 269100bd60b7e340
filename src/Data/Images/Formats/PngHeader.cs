using System.Buffers.Binary;

namespace MetaMap.Data.Images.Formats;

/// <summary>What the first chunk of a PNG, IHDR, says.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Depth">Bits of a component, or of an index.</param>
/// <param name="Colour">0 grey, 2 red, green and blue, 3 index into the palette, 4 grey and alpha, 6 colour and alpha.</param>
/// <param name="IsInterlaced">Whether the pixels come in the seven passes of Adam7.</param>
internal readonly record struct PngHeader(int Width, int Height, int Depth, int Colour, bool IsInterlaced)
{
    // Column and row of the first pixel of a pass, and from one pixel to the next.
    private static readonly (int X, int Y, int StepX, int StepY)[] _adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>Whether pixels are indices into a palette.</summary>
    public bool HasPalette => Colour == 3;

    /// <summary>Columns and rows of the images that the pixels are stored as, without empty ones.</summary>
    public IEnumerable<(int Width, int Height)> Passes
    {
        get
        {
            (int width, int height) = (Width, Height);
            return !IsInterlaced ? [(width, height)] : _adam7
                .Select(pass => ((width - pass.X + pass.StepX - 1) / pass.StepX, (height - pass.Y + pass.StepY - 1) / pass.StepY))
                .Where(pass => pass is { Item1: > 0, Item2: > 0 });
        }
    }

    private int BitsPerPixel => Depth * Colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    /// <summary>Reads the content of the chunk, which the decoder has found to be valid.</summary>
    public static PngHeader Read(ReadOnlySpan<byte> content) => new(
        BinaryPrimitives.ReadInt32BigEndian(content), BinaryPrimitives.ReadInt32BigEndian(content[4..]), content[8], content[9], content[12] == 1);

    /// <summary>Bytes of so many pixels, without that of the filter.</summary>
    public int RowBytes(int width) => checked((int)(((long)width * BitsPerPixel + 7) / 8));
}
