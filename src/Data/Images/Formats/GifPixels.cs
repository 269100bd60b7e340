namespace MetaMap.Data.Images.Formats;

/// <summary>The codes of a GIF picture (LZW, version 89a, appendix F), each of which stands for some pixels. Only how many and which colours is found out.</summary>
/// <param name="colourBits">Bits of a colour, as the picture says.</param>
internal sealed class GifPixels(int colourBits)
{
    private const int MostBits = 12;

    private readonly int[] _lengths = new int[1 << MostBits];
    private readonly int[] _firstColours = new int[1 << MostBits];
    private readonly int[] _highestColours = new int[1 << MostBits];

    private int Clear => 1 << colourBits;

    /// <summary>Refuses codes that do not give a picture.</summary>
    /// <param name="data">The codes.</param>
    /// <param name="pixels">Number of pixels.</param>
    /// <param name="colours">Number of colours in the palette.</param>
    /// <exception cref="InvalidDataException">There are too few pixels, or one has no colour; or a code stands for nothing.</exception>
    public void Check(ReadOnlySpan<byte> data, long pixels, int colours)
    {
        if (colourBits is < 1 or >= MostBits)
        {
            throw new InvalidDataException($"its codes begin with {colourBits} bits, expected 1 to {MostBits - 1}");
        }

        long count = 0;
        (int next, int bits, int last) = (Clear + 2, colourBits + 1, -1);
        for (long at = 0; count < pixels && at + bits <= 8L * data.Length;)
        {
            int code = Bits(data, at, bits);
            at += bits;
            if (code == Clear)
            {
                (next, bits, last) = (Clear + 2, colourBits + 1, -1);
                continue;
            }

            if (code == Clear + 1)
            {
                break;
            }

            if (last >= 0 && next < _lengths.Length)
            {
                // The string before, and the first pixel of this one; which may be the very string that is added here.
                int first = First(code == next ? last : code);
                (_lengths[next], _firstColours[next], _highestColours[next]) = (Length(last) + 1, First(last), Math.Max(Highest(last), first));
                next++;
            }

            if (code >= (last < 0 ? Clear : next))
            {
                throw new InvalidDataException($"its code {code} stands for nothing");
            }

            if (Highest(code) >= colours)
            {
                throw new InvalidDataException($"a pixel has colour {Highest(code)}, but its palette has {colours}");
            }

            count += Length(code);
            last = code;
            bits += next == 1 << bits && bits < MostBits ? 1 : 0;
        }

        if (count < pixels)
        {
            throw new InvalidDataException($"its codes are for {count} of its {pixels} pixels");
        }
    }

    private int Length(int code) => code < Clear ? 1 : _lengths[code];

    private int First(int code) => code < Clear ? code : _firstColours[code];

    private int Highest(int code) => code < Clear ? code : _highestColours[code];

    private static int Bits(ReadOnlySpan<byte> data, long at, int count)
    {
        int value = 0;
        for (int i = 0; i < count; i++, at++)
        {
            value |= (data[(int)(at >> 3)] >> (int)(at & 7) & 1) << i;
        }

        return value;
    }
}
