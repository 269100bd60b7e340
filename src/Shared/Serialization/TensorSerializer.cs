using System.Buffers.Binary;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Serialization;

/// <summary>
/// Carries <see cref="ITensorMessage"/> as raw little-endian bytes: SHA-256 (32 bytes), blob length (4), then for a
/// request and a chunk the chunk index (4), then for a chunk its bytes. Every failure is a
/// <see cref="SerializationException"/>, which Akka handles by dropping that one message.
/// </summary>
/// <param name="system">The actor system.</param>
internal sealed class TensorSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Akka's number for this serializer, part of the wire format.</summary>
    public const int SerializerId = 4201;

    /// <summary>Manifest of <see cref="GetBlobChunk"/>. Manifests are only ever added.</summary>
    public const string GetBlobChunkManifest = "G";

    /// <summary>Manifest of <see cref="BlobChunk"/>.</summary>
    public const string BlobChunkManifest = "C";

    /// <summary>Manifest of <see cref="BlobUnavailable"/>.</summary>
    public const string BlobUnavailableManifest = "U";

    private const int DigestBytes = 32;
    private const int BlobBytes = DigestBytes + sizeof(int);
    private const int HeaderBytes = BlobBytes + sizeof(int);

    /// <inheritdoc />
    public override int Identifier => SerializerId;

    /// <inheritdoc />
    public override string Manifest(object o) => o switch
    {
        GetBlobChunk => GetBlobChunkManifest,
        BlobChunk => BlobChunkManifest,
        BlobUnavailable => BlobUnavailableManifest,
        _ => throw new SerializationException($"{o.GetType()} is not a tensor message"),
    };

    /// <inheritdoc />
    public override byte[] ToBinary(object obj)
    {
        switch (obj)
        {
            case GetBlobChunk get:
                return WithHeader(get.Blob, get.ChunkIndex, ReadOnlySpan<byte>.Empty);
            case BlobChunk chunk:
                return chunk.Bytes.Length <= BlobChunks.ChunkBytes
                    ? WithHeader(chunk.Blob, chunk.ChunkIndex, chunk.Bytes.Span)
                    : throw new SerializationException($"a chunk of {chunk.Bytes.Length} bytes is longer than the protocol's {BlobChunks.ChunkBytes}");
            case BlobUnavailable unavailable:
                byte[] payload = new byte[BlobBytes];
                WriteBlob(payload, unavailable.Blob);
                return payload;
            default:
                throw new SerializationException($"{obj.GetType()} is not a tensor message");
        }
    }

    /// <inheritdoc />
    public override object FromBinary(byte[] bytes, string manifest)
    {
        switch (manifest)
        {
            case GetBlobChunkManifest:
                CheckLength(bytes, manifest, HeaderBytes, HeaderBytes);
                return new GetBlobChunk(ReadBlob(bytes), ReadNumber(bytes, BlobBytes, "chunk index"));
            case BlobChunkManifest:
                CheckLength(bytes, manifest, HeaderBytes + 1, HeaderBytes + BlobChunks.ChunkBytes);
                return new BlobChunk(ReadBlob(bytes), ReadNumber(bytes, BlobBytes, "chunk index"), bytes.AsMemory(HeaderBytes));
            case BlobUnavailableManifest:
                CheckLength(bytes, manifest, BlobBytes, BlobBytes);
                return new BlobUnavailable(ReadBlob(bytes));
            default:
                throw new SerializationException(
                    $"tensor message '{manifest}' is unknown here: build both nodes from the same version");
        }
    }

    private static byte[] WithHeader(BlobId blob, int chunkIndex, ReadOnlySpan<byte> content)
    {
        byte[] payload = new byte[HeaderBytes + content.Length];
        WriteBlob(payload, blob);
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(BlobBytes), NotNegative(chunkIndex, "chunk index"));
        content.CopyTo(payload.AsSpan(HeaderBytes));
        return payload;
    }

    private static void WriteBlob(Span<byte> payload, BlobId blob)
    {
        if (!BlobChunks.IsDigest(blob.Sha256))
        {
            throw new SerializationException($"'{blob.Sha256}' is not a SHA-256 in lower-case hex");
        }

        Convert.FromHexString(blob.Sha256, payload, out _, out _);
        BinaryPrimitives.WriteInt32LittleEndian(payload[DigestBytes..], NotNegative(blob.LengthBytes, "blob length"));
    }

    private static BlobId ReadBlob(byte[] payload) =>
        new(Convert.ToHexStringLower(payload, 0, DigestBytes), ReadNumber(payload, DigestBytes, "blob length"));

    private static int ReadNumber(byte[] payload, int offset, string name) =>
        NotNegative(BinaryPrimitives.ReadInt32LittleEndian(payload.AsSpan(offset)), name);

    private static int NotNegative(int value, string name) =>
        value >= 0 ? value : throw new SerializationException($"a {name} of {value} is negative");

    private static void CheckLength(byte[] payload, string manifest, int least, int most)
    {
        if (payload.Length < least || payload.Length > most)
        {
            throw new SerializationException(
                $"tensor message '{manifest}' has {payload.Length} bytes, expected {(least == most ? $"{least}" : $"{least} to {most}")}");
        }
    }
}
