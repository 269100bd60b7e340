using System.Runtime.Serialization;
using CsCheck;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Shared.Serialization;
using MetaMap.Testing;
using Xunit.Abstractions;

namespace MetaMap.Shared.Tests.Serialization;

/// <summary>Both serializers against whatever a peer may send.</summary>
[Trait("Category", "Fuzz")]
public sealed class SerializerFuzzTests(ITestOutputHelper output)
{
    private static readonly ControlSerializer _control = new(null!);
    private static readonly TensorSerializer _tensor = new(null!);

    private static readonly Gen<BlobId> _blob = Gen.Select(
        Gen.Byte.Array[32], Gen.Int[0, int.MaxValue], (digest, length) => new BlobId(Convert.ToHexStringLower(digest), length));

    private static readonly Gen<ITensorMessage> _tensorMessage = Gen.Select(
        Gen.Int[0, 3], _blob, Gen.Int[0, int.MaxValue], Gen.Byte.Array[1, 100], (kind, blob, index, bytes) => kind switch
        {
            0 => (ITensorMessage)new GetBlobChunk(blob, index),
            1 => new BlobUnavailable(blob),
            2 => new BlobChunk(blob, index, new byte[BlobChunks.ChunkBytes]),
            _ => new BlobChunk(blob, index, bytes),
        });

    public static TheoryData<Type> ControlMessages => [.. ControlTypes.Messages];

    [Theory]
    [MemberData(nameof(ControlMessages))]
    public void RoundTrip_AnyControlMessage_IsEqualWithTheSameBytes(Type message) => AnyMessage.Of(message).Repeatable().Sample(
        sent =>
        {
            byte[] bytes = _control.ToBinary(sent);
            object received = _control.FromBinary(bytes, null);
            Assert.True(sent.Equals(received), $"{sent} arrived as {received}; a message with an array needs an equality of its own");
            Assert.Equal(sent.GetHashCode(), received.GetHashCode());
            Assert.Equal(bytes, _control.ToBinary(received));
        },
        iter: 500);

    [Fact]
    public void RoundTrip_AnyTensorMessage_IsEqualWithTheSameBytes() => _tensorMessage.Repeatable().Sample(
        sent =>
        {
            byte[] bytes = _tensor.ToBinary(sent);
            object received = _tensor.FromBinary(bytes, _tensor.Manifest(sent));
            Assert.Equal(sent, received);
            Assert.Equal(bytes, _tensor.ToBinary(received));
        },
        iter: 2_000);

    [Fact]
    public void ToBinary_TextOfHalfSurrogates_ArrivesAsSomeTextOrIsRefused() => Extremes.Text.Repeatable().Sample(
        text =>
        {
            try
            {
                Assert.IsType<CommandRun>(_control.FromBinary(_control.ToBinary(new CommandRun(new RunId(text), RunCommand.Stop)), null));
            }
            catch (SerializationException)
            {
                // Refused, as it may be.
            }
        },
        iter: 5_000);

    [Fact]
    public void FromBinary_AnyControlBytes_GivesAMessageOrSerializationException()
    {
        // Beside real messages, every number of a message with noise behind it.
        Gen<byte[]> numbered = Gen.Select(
            Gen.Int[0, ControlTypes.Messages.Length], Gen.Byte.Array[0, 80], (number, rest) => (byte[])[254, (byte)number, (byte)(number >> 8), .. rest]);
        new Fuzz(output).Sample<SerializationException>(
            Gen.Frequency((4, HostileBytes.From(AnyMessage.Control.Select(_control.ToBinary))), (1, numbered)),
            bytes => _control.FromBinary(bytes, null),
            value =>
            {
                // Bytes that mean the same (any true, a long mark before a short text) are read; what is written is one of them.
                byte[] written = _control.ToBinary(value);
                Assert.Equal(written, _control.ToBinary(_control.FromBinary(written, null)));
            },
            count: 150_000);
    }

    [Fact]
    public void FromBinary_AnyTensorBytes_GivesAMessageOrSerializationException() =>
        new Fuzz(output).Sample<(byte[] Bytes, string Manifest), SerializationException>(
            Gen.Select(HostileBytes.From(_tensorMessage.Select(_tensor.ToBinary)), Extremes.AnyOf("G", "C", "U", "Z", "")),
            input => input.Bytes.Length,
            input => $"{input.Manifest} {Convert.ToHexStringLower(input.Bytes)}",
            input => _tensor.FromBinary(input.Bytes, input.Manifest),
            (input, value) =>
            {
                Assert.Equal(input.Bytes, _tensor.ToBinary(value));
                Assert.Equal(input.Manifest, _tensor.Manifest(value));
            },
            count: 100_000);
}
