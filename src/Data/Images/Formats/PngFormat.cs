using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace MetaMap.Data.Images.Formats;

/// <summary>PNG (ISO/IEC 15948): chunks of length, type, content and CRC-32; the contents of IDAT are one zlib stream with an Adler-32.</summary>
internal sealed class PngFormat : StbFormat
{
    private const int OverheadBytes = 12;
    private const int HeaderBytes = 13;

    // The decoder takes 2^30 bytes, of up to four components.
    private const long MostPixels = 1 << 28;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <inheritdoc />
    public override ImageHeader Header(Stream file)
    {
        byte[] head = new byte[Signature.Length + OverheadBytes + HeaderBytes];
        int read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        file.Position = 0;
        // The decoder would only say that there is no image.
        return read == head.Length && PngHeader.Read(head.AsSpan(Signature.Length + 8)) is { Width: > 0, Height: > 0 } header && (long)header.Width * header.Height > MostPixels
            ? new ImageHeader(HasColour: false, HasAlpha: false, header.Height, header.Width, Orientation.Upright) : base.Header(file);
    }

    /// <inheritdoc />
    public override void Check(ReadOnlySpan<byte> file)
    {
        using MemoryStream packed = new();
        file = file[Signature.Length..];
        PngHeader header = default;
        int colours = 0;
        while (TryNext(ref file, out ReadOnlySpan<byte> chunk))
        {
            if (Crc32.HashToUInt32(chunk[4..^4]) != BinaryPrimitives.ReadUInt32BigEndian(chunk[^4..]))
            {
                throw new InvalidDataException($"the checksum of its part {Encoding.Latin1.GetString(chunk[4..8])} does not match");
            }

            ReadOnlySpan<byte> content = chunk[8..^4];
            if (chunk[4..8].SequenceEqual("IHDR"u8))
            {
                header = PngHeader.Read(content);
            }
            else if (chunk[4..8].SequenceEqual("PLTE"u8))
            {
                colours = content.Length / 3;
            }
            else if (chunk[4..8].SequenceEqual("IDAT"u8))
            {
                packed.Write(content);
            }
            else if (chunk[4..8].SequenceEqual("IEND"u8))
            {
                packed.Position = 0;
                Unpack(packed, new PngRows(header, colours));
                return; // What comes after is ignored, as browsers do.
            }
        }

        throw CutOff("the end of its image");
    }

    /// <inheritdoc />
    protected override bool Begins(ReadOnlySpan<byte> file) => file.StartsWith(Signature);

    /// <inheritdoc />
    protected override Orientation OrientationIn(ReadOnlySpan<byte> head)
    {
        head = head[Signature.Length..];
        while (TryNext(ref head, out ReadOnlySpan<byte> chunk))
        {
            if (chunk[4..8].SequenceEqual("eXIf"u8))
            {
                return Orientation.OfExif(chunk[8..^4]);
            }
        }

        return Orientation.Upright;
    }

    /// <summary>Takes a whole chunk, with length and checksum; false when the file ends before.</summary>
    private static bool TryNext(ref ReadOnlySpan<byte> file, out ReadOnlySpan<byte> chunk)
    {
        chunk = default;
        if (file.Length < OverheadBytes || BinaryPrimitives.ReadUInt32BigEndian(file) > (uint)(file.Length - OverheadBytes))
        {
            return false;
        }

        chunk = file[..(OverheadBytes + (int)BinaryPrimitives.ReadUInt32BigEndian(file))];
        file = file[chunk.Length..];
        return true;
    }

    /// <summary>Unpacks the pixels, as far as an image of this size has any, and to the checksum at their end, which zlib compares.</summary>
    private static void Unpack(Stream packed, PngRows rows)
    {
        using ZLibStream pixels = new(new StreamWithoutEnd(packed), CompressionMode.Decompress);
        rows.Check(pixels);
    }
}
