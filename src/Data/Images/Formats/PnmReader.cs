using System.Buffers.Binary;

namespace MetaMap.Data.Images.Formats;

/// <summary>Reads a PGM or PPM file from its beginning to its end.</summary>
internal ref struct PnmReader
{
    private readonly bool _isText;
    private readonly int _largest;
    private ReadOnlySpan<byte> _rest;

    /// <summary>Reads the header.</summary>
    /// <param name="file">Begins with P2, P3, P5 or P6.</param>
    /// <exception cref="InvalidDataException">It is no header.</exception>
    public PnmReader(ReadOnlySpan<byte> file)
    {
        _isText = file[1] is (byte)'2' or (byte)'3';
        Components = file[1] is (byte)'2' or (byte)'5' ? 1 : 3;
        _rest = file[2..];
        (Width, Height, _largest) = (Number(), Number(), Number());
        if (_largest is < 1 or > 65535)
        {
            throw new InvalidDataException($"its largest value is {_largest}, expected 1 to 65535");
        }
    }

    /// <summary>1 grey, 3 red, green and blue.</summary>
    public int Components { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Whether a byte separates numbers.</summary>
    public static bool IsSpace(byte value) => value is (byte)' ' or (>= 9 and <= 13);

    /// <summary>Reads the values, once.</summary>
    /// <returns>Bytes [height, width, components].</returns>
    /// <exception cref="InvalidDataException">Some are missing or above the largest.</exception>
    public byte[] Values()
    {
        int valueBytes = _isText || _largest < 256 ? 1 : 2;
        long count = (long)Width * Height * Components;
        _rest = _isText ? _rest : _rest[Math.Min(1, _rest.Length)..]; // One space ends the header.
        if (count * valueBytes > _rest.Length)
        {
            throw new InvalidDataException("it ends before its last value");
        }

        byte[] values = new byte[count];
        for (int i = 0; i < values.Length; i++)
        {
            int value = _isText ? Number() : valueBytes == 1 ? _rest[i] : BinaryPrimitives.ReadUInt16BigEndian(_rest[(2 * i)..]);
            values[i] = value <= _largest
                ? (byte)((value * 255 + _largest / 2) / _largest)
                : throw new InvalidDataException($"it has the value {value}, expected at most {_largest}");
        }

        return values;
    }

    /// <summary>The next number, past spaces and comments, which go from # to the end of their line.</summary>
    private int Number()
    {
        while (_rest.Length > 0 && (IsSpace(_rest[0]) || _rest[0] == '#'))
        {
            int end = _rest[0] == '#' ? _rest.IndexOf((byte)'\n') : 0;
            _rest = end < 0 ? default : _rest[(end + 1)..];
        }

        int digits = 0;
        int number = 0;
        for (; digits < _rest.Length && char.IsAsciiDigit((char)_rest[digits]); digits++)
        {
            number = digits < 9 ? number * 10 + _rest[digits] - '0' : throw new InvalidDataException("it has a number of more than 9 digits");
        }

        _rest = _rest[digits..];
        return digits > 0 ? number : throw new InvalidDataException(_rest.Length == 0 ? "it ends before its last value" : "it has something else where a number is expected");
    }
}
