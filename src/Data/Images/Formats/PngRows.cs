namespace MetaMap.Data.Images.Formats;

/// <summary>Reads the unpacked pixels of a PNG, row by row, each behind the byte of its filter, and refuses what is no image.</summary>
/// <param name="header">What the image is.</param>
/// <param name="paletteColours">Number of colours in its palette.</param>
internal sealed class PngRows(PngHeader header, int paletteColours)
{
    // Encoders may leave some bytes behind the last row, which browsers ignore as well.
    private const int MostRest = 1 << 16;

    /// <summary>Reads everything.</summary>
    /// <exception cref="InvalidDataException">There are too few or far too many bytes, or a pixel has no colour.</exception>
    public void Check(Stream unpacked)
    {
        foreach ((int width, int height) in header.Passes)
        {
            byte[] above = new byte[header.RowBytes(width)];
            byte[] row = new byte[above.Length + 1];
            for (int i = 0; i < height; i++)
            {
                if (Fill(unpacked, row) < row.Length)
                {
                    throw new InvalidDataException($"its pixels unpack to less than its {header.Height} rows of {header.Width}");
                }

                if (header.HasPalette)
                {
                    Unfilter(row[0], row.AsSpan(1), above);
                    CheckColours(row.AsSpan(1), width);
                    row.AsSpan(1).CopyTo(above);
                }
            }
        }

        if (Fill(unpacked, new byte[MostRest]) == MostRest)
        {
            throw new InvalidDataException($"its pixels unpack to far more than its {header.Height} rows of {header.Width}");
        }
    }

    private static int Fill(Stream unpacked, byte[] buffer)
    {
        try
        {
            return unpacked.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException("its pixels do not unpack, or their checksum does not match", error);
        }
    }

    /// <summary>Undoes the filter of a row of indices (ISO/IEC 15948, 9.2).</summary>
    private static void Unfilter(byte filter, Span<byte> row, ReadOnlySpan<byte> above)
    {
        for (int i = 0; i < row.Length; i++)
        {
            (int left, int up, int corner) = i == 0 ? (0, above[0], 0) : (row[i - 1], above[i], above[i - 1]);
            row[i] += (byte)(filter switch
            {
                0 => 0,
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                4 => Nearest(left, up, corner),
                _ => throw new InvalidDataException($"a row has the filter {filter}, expected 0 to 4"),
            });
        }
    }

    /// <summary>The predictor of Paeth.</summary>
    private static int Nearest(int left, int up, int corner)
    {
        int sum = left + up - corner;
        (int toLeft, int toUp, int toCorner) = (Math.Abs(sum - left), Math.Abs(sum - up), Math.Abs(sum - corner));
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    private void CheckColours(ReadOnlySpan<byte> row, int width)
    {
        for (int i = 0; i < width; i++)
        {
            int bit = i * header.Depth;
            int index = row[bit / 8] >> (8 - header.Depth - bit % 8) & ((1 << header.Depth) - 1);
            if (index >= paletteColours)
            {
                throw new InvalidDataException($"a pixel has colour {index}, but its palette has {paletteColours}");
            }
        }
    }
}
