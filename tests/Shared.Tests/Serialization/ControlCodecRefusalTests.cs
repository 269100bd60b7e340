using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Serialization;
using Hyperion;
using MetaMap.Shared.Messages;
using MetaMap.Shared.Serialization;

namespace MetaMap.Shared.Tests.Serialization;

/// <summary>What is not on the list is refused when written, when read, and when a message would contain it.</summary>
public class ControlCodecRefusalTests
{
    private static readonly ControlCodec Codec = new(ControlTypes.Messages, ControlTypes.Values);

    public static TheoryData<object> Foreign =>
    [
        new FileInfo("/etc/hostname"),
        new Dictionary<string, int> { ["a"] = 1 },
        (Func<int, int>)Math.Abs,
        new InvalidOperationException("boo"),
        new ArrayList { 1 },
        new object(),
        "text",
        42,
        new byte[] { 1, 2, 3 },
        new[] { "a" },
        typeof(string),
        SampleMessages.Block,
        SampleMessages.Run,
        ImmutableArray.Create(1, 2),
        new Smuggler("harmless"),
    ];

    [Theory]
    [MemberData(nameof(Foreign))]
    public void Encode_TypeNotListed_IsRefused(object foreign)
    {
        SerializationException refusal = Assert.Throws<SerializationException>(() => Codec.Encode(foreign));
        Assert.Contains("not a control message", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public void Decode_WrittenByAnUnguardedHyperion_IsRefused(object foreign)
    {
        using MemoryStream stream = new();
        try
        {
            Unguarded([]).Serialize(foreign, stream);
        }
        catch (Exception exception) when (exception is NotSupportedException or ArgumentException or TargetInvocationException or SerializationException)
        {
            // Hyperion itself cannot write it; what it has written so far must be refused all the same.
        }

        Assert.Throws<SerializationException>(() => Codec.Decode(stream.ToArray()));
    }

    [Fact]
    public void Decode_ForeignObjectInAFieldOfAListedMessage_IsRefused()
    {
        using MemoryStream stream = new();
        Unguarded([typeof(Smuggler)]).Serialize(new Smuggler(new FileInfo("/etc/hostname")), stream);
        byte[] payload = stream.ToArray();

        Assert.Equal([254, 0, 0], payload[..3]);
        Assert.Throws<SerializationException>(() => Codec.Decode(payload));
    }

    [Theory]
    [InlineData(typeof(Smuggler))]
    [InlineData(typeof(MessageOfMap))]
    [InlineData(typeof(MessageOfCode))]
    [InlineData(typeof(MessageOfError))]
    [InlineData(typeof(MessageOfUnlistedRecord))]
    [InlineData(typeof(MessageOfInts))]
    [InlineData(typeof(MessageOfKind))]
    [InlineData(typeof(MessageOfObjects))]
    public void Constructor_MessageWithAFieldThatIsNotAllowed_IsRefused(Type message)
    {
        SerializationException refusal = Assert.Throws<SerializationException>(() => new ControlCodec([message], []));
        Assert.Contains("not allowed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_NamedType_IsRefusedEvenWhenItIsListed()
    {
        using MemoryStream stream = new();
        Unguarded([]).Serialize(new CommandRun(SampleMessages.Run, RunCommand.Stop), stream);
        Assert.Equal(255, stream.ToArray()[0]);
        Assert.Throws<SerializationException>(() => Codec.Decode(stream.ToArray()));
    }

    [Fact]
    public void Decode_UnknownMessageNumber_SaysWhatToDo()
    {
        SerializationException refusal = Assert.Throws<SerializationException>(() => Codec.Decode([254, 0, 1, 0]));
        Assert.Equal($"control message number 256 is unknown here (0 to {ControlTypes.Messages.Length - 1} are known): build both nodes from the same version", refusal.Message);
    }

    [Fact]
    public void Codec_ValueWithoutAName_IsRefusedBothWays()
    {
        byte[] payload = Codec.Encode(new CommandRun(SampleMessages.Run, RunCommand.Stop));
        payload[^1] = 99;
        Assert.Equal("99 is no RunCommand: build both nodes from the same version", Assert.Throws<SerializationException>(() => Codec.Decode(payload)).Message);
        Assert.Throws<SerializationException>(() => Codec.Encode(new CommandRun(SampleMessages.Run, (RunCommand)99)));
    }

    [Theory]
    [InlineData("fe0100ffffffff7f00")] // CommandRun whose run id claims two gigabytes of text
    [InlineData("fe0100ffffffffff00")] // ... and a negative length
    public void Decode_TextLongerThanThePayload_IsRefusedBeforeMemoryIsTaken(string hex)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        SerializationException refusal = Assert.Throws<SerializationException>(() => Codec.Decode(Convert.FromHexString(hex)));
        Assert.Contains("announced", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Decode_ArrayLongerThanThePayload_IsRefusedBeforeMemoryIsTaken()
    {
        byte[] payload = Codec.Encode(new BlockLeased(SampleMessages.Lease, SampleMessages.Block.Episodes, 0, false, SampleMessages.Blob, "p"));
        int countAt = 3 + 3 + 1 + 4 + 4 + 4;
        Assert.Equal(1, payload[countAt]);
        payload[countAt + 3] = 0x7f;
        SerializationException refusal = Assert.Throws<SerializationException>(() => Codec.Decode(payload));
        Assert.Contains("announced", refusal.Message, StringComparison.Ordinal);
    }

    private static Serializer Unguarded(IEnumerable<Type> knownTypes) =>
        new(new SerializerOptions(false, false, null, null, knownTypes, true, null, false, null));

    public sealed record Smuggler(object Cargo) : IControlMessage;

    public sealed record MessageOfMap(Dictionary<string, int> Cargo) : IControlMessage;

    public sealed record MessageOfCode(Action Cargo) : IControlMessage;

    public sealed record MessageOfError(Exception Cargo) : IControlMessage;

    public sealed record MessageOfUnlistedRecord(BlobId Cargo) : IControlMessage;

    public sealed record MessageOfInts(int[] Cargo) : IControlMessage;

    public sealed record MessageOfKind(Type Cargo) : IControlMessage;

    public sealed record MessageOfObjects(ImmutableArray<object> Cargo) : IControlMessage;
}
