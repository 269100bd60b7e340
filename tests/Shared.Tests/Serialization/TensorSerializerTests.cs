using System.Runtime.Serialization;
using CsCheck;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Shared.Serialization;
using MetaMap.Testing;

namespace MetaMap.Shared.Tests.Serialization;

public class TensorSerializerTests
{
    private const string BlobHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" + "70110100";
    private static readonly BlobId Blob = SampleMessages.Blob;
    private static readonly TensorSerializer Serializer = new(null!);

    public static TheoryData<ITensorMessage, string, string> Golden => new()
    {
        { new GetBlobChunk(Blob, 1), "G", BlobHex + "01000000" },
        { new BlobChunk(Blob, 258, new byte[] { 0xaa, 0xbb }), "C", BlobHex + "02010000" + "aabb" },
        { new BlobUnavailable(Blob), "U", BlobHex },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void ToBinary_EachMessage_HasThePinnedBytes(ITensorMessage message, string manifest, string hex)
    {
        Assert.Equal(manifest, Serializer.Manifest(message));
        Assert.Equal(hex, Convert.ToHexStringLower(Serializer.ToBinary(message)));
        Assert.Equal(message, Serializer.FromBinary(Convert.FromHexString(hex), manifest));
        Assert.Equal(4201, Serializer.Identifier);
    }

    [Theory]
    [InlineData("G", BlobHex, "40")]
    [InlineData("G", BlobHex + "0100000000", "40")]
    [InlineData("G", BlobHex + "ffffffff", "negative")]
    [InlineData("U", BlobHex + "00", "36")]
    [InlineData("U", "", "36")]
    [InlineData("U", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00000080", "negative")]
    [InlineData("C", BlobHex + "00000000", "41 to")]
    [InlineData("X", BlobHex, "unknown")]
    [InlineData("", "", "unknown")]
    public void FromBinary_BadPayload_IsRefusedWithReason(string manifest, string hex, string reason)
    {
        SerializationException refusal =
            Assert.Throws<SerializationException>(() => Serializer.FromBinary(Convert.FromHexString(hex), manifest));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromBinary_ChunkLongerThanTheProtocols_IsRefused() =>
        Assert.Throws<SerializationException>(() => Serializer.FromBinary(new byte[40 + BlobChunks.ChunkBytes + 1], "C"));

    [Fact]
    public void ToBinary_BadMessage_IsRefused()
    {
        Assert.Throws<SerializationException>(() => Serializer.ToBinary(new GetBlobChunk(new BlobId("xyz", 1), 0)));
        Assert.Throws<SerializationException>(() => Serializer.ToBinary(new GetBlobChunk(default, 0)));
        Assert.Throws<SerializationException>(() => Serializer.ToBinary(new GetBlobChunk(Blob, -1)));
        Assert.Throws<SerializationException>(() => Serializer.ToBinary(new CommandRun(SampleMessages.Run, RunCommand.Stop)));
        Assert.Throws<SerializationException>(() => Serializer.Manifest("text"));
    }

    [Fact]
    public void FromBinary_AnyBytes_GivesAMessageOrSerializationException()
    {
        Gen<string> manifest = Gen.Int[0, 3].Select(number => "GCUZ".Substring(number, 1));
        Gen.Select(manifest, Gen.Byte.Array[0, 60]).Repeatable().Sample(
            (name, bytes) =>
            {
                try
                {
                    object message = Serializer.FromBinary(bytes, name);
                    Assert.Equal(bytes, Serializer.ToBinary(message));
                }
                catch (SerializationException)
                {
                    // Refused, as it should be.
                }
            },
            iter: 20_000);
    }
}
