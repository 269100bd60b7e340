using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Compression;
using MetaMap.Core;
using MetaMap.Data.Files;

namespace MetaMap.Data.Idx;

/// <summary>
/// A file of bytes in the IDX format of MNIST, gzipped or not: two zero bytes, 8 for unsigned bytes, the number of
/// dimensions, each dimension as big-endian 32 bits, then the values. Opening reads only its first bytes.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Dimensions">The dimensions, e.g. [60000, 28, 28].</param>
/// <param name="ContentBytes">Length of the content when unpacked.</param>
/// <param name="Crc32">Checksum of the content when unpacked.</param>
internal sealed record IdxFile(string Path, ImmutableArray<int> Dimensions, long ContentBytes, uint Crc32)
{
    private const int UnsignedByte = 8;

    private bool IsGzip => Path.EndsWith(".gz", StringComparison.Ordinal);

    private int HeaderBytes => 4 + 4 * Dimensions.Length;

    /// <summary>Opens a file of a folder by its name without <c>.gz</c>.</summary>
    /// <param name="dataset">The dataset's name, for messages.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="name">e.g. <c>train-images-idx3-ubyte</c>.</param>
    /// <param name="dimensions">How many dimensions it must have.</param>
    /// <exception cref="DataException">The file is missing, cut off, or not such a file.</exception>
    public static IdxFile Open(string dataset, string folder, string name, int dimensions)
    {
        string plain = System.IO.Path.Combine(folder, name);
        string path = File.Exists(plain) ? plain : plain + ".gz";
        if (!File.Exists(path))
        {
            throw new DataException(
                $"{folder} holds neither {name} nor {name}.gz: put the four files of {dataset} into it (metamap data download {dataset} --data {folder})");
        }

        IdxFile file = new(path, [], 0, 0);
        byte[] header = new byte[4 + 4 * dimensions];
        using Stream content = file.Content();
        int read = file.Fill(content, header);
        if (read < header.Length || header[0] != 0 || header[1] != 0 || header[2] != UnsignedByte || header[3] != dimensions)
        {
            throw new DataException(
                $"{path} does not begin as an IDX file of bytes with {dimensions} dimensions (0, 0, 8, {dimensions} and the sizes): fetch it again");
        }

        ImmutableArray<int> sizes = [.. Enumerable.Range(0, dimensions).Select(i => BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4 + 4 * i)))];
        if (sizes.Any(size => size < 1) || sizes.Skip(1).Any(size => size > 4096))
        {
            throw new DataException($"{path} says that its sizes are {string.Join(" x ", sizes)}, expected 1 or more and images of at most 4096 pixels a side: fetch it again");
        }

        long expected = sizes.Aggregate(1L, (product, size) => product * size) + header.Length;
        (long length, uint crc) = file.IsGzip ? file.Unpacked(expected) : (new FileInfo(path).Length, file.PlainChecksum());
        return length == expected
            ? file with { Dimensions = sizes, ContentBytes = length, Crc32 = crc }
            : throw new DataException($"{path} has {length} bytes{(file.IsGzip ? " unpacked" : "")}, expected {expected}, it is cut off or too long: fetch it again");
    }

    /// <summary>All values of a small file.</summary>
    /// <exception cref="DataException">Damaged.</exception>
    public byte[] ReadAll()
    {
        byte[] values = new byte[ContentBytes - HeaderBytes];
        ReadEach(values.Length, (_, bytes) => bytes.CopyTo(values));
        return values;
    }

    /// <summary>Reads pieces of equal length, one after the other, and compares the checksum at the end.</summary>
    /// <exception cref="DataException">Damaged.</exception>
    public void ReadEach(int pieceBytes, PieceAction action)
    {
        using Stream content = Content();
        byte[] piece = new byte[pieceBytes];
        byte[] header = new byte[HeaderBytes];
        bool isWhole = Fill(content, header) == HeaderBytes;
        System.IO.Hashing.Crc32 checksum = new();
        checksum.Append(header);
        for (int i = 0; i < (ContentBytes - HeaderBytes) / pieceBytes; i++)
        {
            isWhole = isWhole && Fill(content, piece) == pieceBytes;
            if (!isWhole)
            {
                throw new DataException($"{Path} ends early: fetch it again");
            }

            checksum.Append(piece);
            action(i, piece);
        }

        if (checksum.GetCurrentHashAsUInt32() != Crc32)
        {
            throw new DataException($"{Path} is damaged, its checksum does not match: fetch it again");
        }
    }

    private Stream Content()
    {
        FileStream file = DataPath.OpenRead(Path);
        return IsGzip ? new GZipStream(file, CompressionMode.Decompress) : new BufferedStream(file, 1 << 16);
    }

    private int Fill(Stream content, byte[] buffer)
    {
        try
        {
            return content.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw new DataException($"{Path} does not unpack, it is damaged or no gzip file: fetch it again", error);
        }
    }

    private (long Length, uint Crc) Unpacked(long expected)
    {
        using FileStream file = DataPath.OpenRead(Path);
        var trailer = GzipTrailer.Read(file);
        return (trailer.Length == (uint)expected ? expected : trailer.Length, trailer.Crc32);
    }

    private uint PlainChecksum() => System.IO.Hashing.Crc32.HashToUInt32(DataPath.ReadAll(Path));
}

/// <summary>Receives one piece of a file.</summary>
/// <param name="index">Its number.</param>
/// <param name="bytes">Its content, valid during the call.</param>
internal delegate void PieceAction(int index, ReadOnlySpan<byte> bytes);
