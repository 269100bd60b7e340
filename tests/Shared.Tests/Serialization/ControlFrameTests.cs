using System.Runtime.Serialization;
using Akka.Actor;
using MetaMap.Core;
using MetaMap.Shared.Messages;
using MetaMap.Shared.Serialization;

namespace MetaMap.Shared.Tests.Serialization;

public sealed class ControlFrameTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("frames", "akka { loglevel = OFF, stdout-loglevel = OFF }");

    public void Dispose() => _system.Terminate();

    [Fact]
    public void ToBinary_LongestMessage_IsWrittenAndOneByteMoreIsATypedError()
    {
        ControlSerializer serializer = new((ExtendedActorSystem)_system);
        int envelope = serializer.ToBinary(Message(1_000)).Length - 1_000;
        Assert.Equal(ControlSerializer.MaximumBytes, serializer.ToBinary(Message(ControlSerializer.MaximumBytes - envelope)).Length);
        SerializationException error = Assert.Throws<SerializationException>(() => serializer.ToBinary(Message(ControlSerializer.MaximumBytes - envelope + 1)));
        Assert.Equal("StartRun has 120001 bytes, a message may have 120000", error.Message);
    }

    [Fact]
    public void RequireFit_TooLong_SaysWhatToDo()
    {
        ControlSerializer.RequireFit(Message(1_000), "a text", "shorten it");
        Assert.Equal(
            "a text needs a message of 200034 bytes, but nodes send at most 120000: shorten it.",
            Assert.Throws<ConfigurationException>(() => ControlSerializer.RequireFit(Message(200_000), "a text", "shorten it")).Message);
    }

    private static StartRun Message(int length) => new(new RunId("r"), new string('x', length), false, false, 1, 1, 0);
}
