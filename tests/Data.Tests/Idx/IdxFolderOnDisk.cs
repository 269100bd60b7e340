using System.Buffers.Binary;
using System.IO.Compression;

namespace MetaMap.Data.Tests.Idx;

/// <summary>A small folder in the form of MNIST, removed at the end of the test: images of 2x3 pixels whose bytes tell file and place.</summary>
internal sealed class IdxFolderOnDisk : IDisposable
{
    public string Location { get; } = Directory.CreateTempSubdirectory("idx-").FullName;

    /// <summary>40 training and 20 test images, labels in turn.</summary>
    public IdxFolderOnDisk WithAll(bool gzip) => this
        .With("train-images-idx3-ubyte", Images(40, 0), gzip).With("train-labels-idx1-ubyte", Labels(40), gzip)
        .With("t10k-images-idx3-ubyte", Images(20, 100), gzip).With("t10k-labels-idx1-ubyte", Labels(20), gzip);

    public IdxFolderOnDisk With(string name, byte[] content, bool gzip)
    {
        using FileStream file = File.Create(Path.Combine(Location, gzip ? name + ".gz" : name));
        using Stream stream = gzip ? new GZipStream(file, CompressionLevel.Fastest) : file;
        stream.Write(content);
        return this;
    }

    public static byte[] Images(int count, int first) =>
        [.. Header(count, 2, 3), .. Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(0, 6).Select(pixel => (byte)(first + i + 10 * pixel)))];

    public static byte[] Labels(int count) => [.. Header(count), .. Enumerable.Range(0, count).Select(i => (byte)(i % 10))];

    public static byte[] Header(params int[] sizes)
    {
        byte[] header = new byte[4 + 4 * sizes.Length];
        (header[2], header[3]) = (8, (byte)sizes.Length);
        for (int i = 0; i < sizes.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + 4 * i), sizes[i]);
        }

        return header;
    }

    public void Dispose() => Directory.Delete(Location, recursive: true);
}
