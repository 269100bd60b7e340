using System.Runtime.Serialization;
using CsCheck;
using MetaMap.Shared.Messages;
using MetaMap.Shared.Serialization;
using MetaMap.Testing;
using MetaMap.Training.Rounds;

namespace MetaMap.Shared.Tests.Serialization;

public class ControlSerializerTests
{
    private static readonly ControlSerializer Serializer = new(null!);

    [Fact]
    public void Document_OfTheProtocol_NamesTheVersion() => Assert.Contains(
        $"`ProtocolVersion.Current` is {ProtocolVersion.Current};", File.ReadAllText(Repository.PathOf("docs", "PROTOCOL.md")), StringComparison.Ordinal);

    [Fact]
    public void Messages_EverySealedControlMessageOfTheAssembly_IsListed()
    {
        IEnumerable<string> expected = typeof(IControlMessage).Assembly.GetTypes()
            .Where(type => typeof(IControlMessage).IsAssignableFrom(type) && !type.IsInterface)
            .Select(type => type.Name).Order();
        Assert.Equal(expected, ControlTypes.Messages.Select(type => type.Name).Order());
        Assert.All(ControlTypes.Messages, type => Assert.True(type.IsSealed, $"{type.Name} is not sealed"));
    }

    [Fact]
    public void ToBinary_EachMessage_HasThePinnedBytes()
    {
        string actual = string.Join('\n', SampleMessages.Control.Select(
            message => $"{message.GetType().Name} {Convert.ToHexStringLower(Serializer.ToBinary(message))}"));
        Assert.Equal(ControlGolden.Text, actual);
        Assert.Equal(4202, Serializer.Identifier);
        Assert.False(Serializer.IncludeManifest);
    }

    [Fact]
    public void FromBinary_PinnedBytes_GiveEachMessage() =>
        Assert.Equal(SampleMessages.Control, ControlGolden.Text.Split('\n')
            .Select(line => (IControlMessage)Serializer.FromBinary(Convert.FromHexString(line.Split(' ')[1]), null)));

    [Fact]
    public void RoundTrip_LongAndForeignTexts_AreKept()
    {
        StartRun message = new(new RunId("größer-than-ascii-ヒラガナ"), new string('ж', 20_000), false, false, RunPolicy.Default);
        Assert.Equal(message, Serializer.FromBinary(Serializer.ToBinary(message), null));
    }

    [Fact]
    public void RoundTrip_UninitialisedArray_ArrivesEmpty()
    {
        BlockLeased message = new(SampleMessages.Lease, default, 0, false, SampleMessages.Blob, "p");
        BlockLeased back = Assert.IsType<BlockLeased>(Serializer.FromBinary(Serializer.ToBinary(message), null));
        Assert.False(back.Episodes.IsDefault);
        Assert.Empty(back.Episodes);
    }

    [Fact]
    public void ToBinary_MissingText_IsRefusedWithItsName()
    {
        SerializationException refusal = Assert.Throws<SerializationException>(() => Serializer.ToBinary(new CommandRun(default, RunCommand.Stop)));
        Assert.Contains("RunId.Value is missing", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RoundTrip_FromManyThreads_IsRight() =>
        Parallel.For(0, 2_000, i =>
        {
            IControlMessage message = SampleMessages.Control[i % SampleMessages.Control.Length];
            Assert.Equal(message, Serializer.FromBinary(Serializer.ToBinary(message), null));
        });

    [Fact]
    public void FromBinary_AnyTruncationOrExtension_IsRefused()
    {
        foreach (IControlMessage message in SampleMessages.Control)
        {
            byte[] bytes = Serializer.ToBinary(message);
            for (int length = 0; length < bytes.Length; length++)
            {
                Assert.Throws<SerializationException>(() => Serializer.FromBinary(bytes[..length], null));
            }

            Assert.Throws<SerializationException>(() => Serializer.FromBinary([.. bytes, 0], null));
        }
    }

    [Fact]
    public void FromBinary_AnyBytes_GivesAMessageOrSerializationException()
    {
        // Half of the payloads are a real message with one byte changed, so that deep fields are reached.
        Gen<byte[]> random = Gen.Byte.Array[0, 80];
        Gen<byte[]> known = Gen.Select(Gen.Int[0, ControlTypes.Messages.Length - 1], Gen.Byte.Array[0, 80],
            (number, rest) => (byte[])[254, (byte)number, 0, .. rest]);
        Gen<byte[]> changed = Gen.Select(Gen.Int[0, SampleMessages.Control.Length - 1], Gen.Int[0, 1_000], Gen.Byte, (message, at, value) =>
        {
            byte[] bytes = Serializer.ToBinary(SampleMessages.Control[message]);
            bytes[at % bytes.Length] = value;
            return bytes;
        });
        Gen.OneOf(random, known, changed).Repeatable().Sample(
            bytes =>
            {
                try
                {
                    Assert.IsAssignableFrom<IControlMessage>(Serializer.FromBinary(bytes, null));
                }
                catch (SerializationException)
                {
                    // Refused, as it should be.
                }
            },
            iter: 20_000);
    }
}
