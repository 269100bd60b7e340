using System.Runtime.Serialization;
using Akka.Actor;
using MetaMap.Shared.Messages;
using MetaMap.Shared.Serialization;
using MetaMap.Training.Rounds;

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
        Assert.Equal(ControlCodec.MaximumMessageBytes, serializer.ToBinary(Message(ControlCodec.MaximumMessageBytes - envelope)).Length);
        SerializationException error = Assert.Throws<SerializationException>(() => serializer.ToBinary(Message(ControlCodec.MaximumMessageBytes - envelope + 1)));
        Assert.Equal("StartRun has 120001 bytes, but a message between nodes has 120000 at most: make its blocks shorter (--block)", error.Message);
    }

    private static StartRun Message(int length) => new(new RunId("r"), new string('x', length), false, false, RunPolicy.Default);
}
