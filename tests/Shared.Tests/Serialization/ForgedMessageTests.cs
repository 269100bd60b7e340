using System.Collections.Concurrent;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch.SysMsg;
using Akka.Serialization;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Serialization;
using MetaMap.Shared.Tests.Hosting;
using MetaMap.Testing;

namespace MetaMap.Shared.Tests.Serialization;

/// <summary>
/// A node that was let in (here: no TLS is asked for) sends what it should not. Each is dropped: the actor it was sent
/// to never sees it and lives on, and nothing of the sender's choice is built or started. The connection stays, too, but
/// for system messages: those must not be lost, so Akka ends the connection of who sends one that cannot be read.
/// </summary>
public sealed class ForgedMessageTests : IAsyncLifetime, IDisposable
{
    private static int _built;

    private readonly ConcurrentQueue<object> _seen = new();
    private readonly ActorSystem _peer = ActorSystem.Create(NodeSettings.SystemName, ConfigurationFactory.ParseString($$"""
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          actor {
            provider = remote
            serializers { forged-tensor = "{{Name(typeof(ForgedTensor))}}", forged-control = "{{Name(typeof(ForgedControl))}}", unknown = "{{Name(typeof(Unknown))}}" }
            serialization-bindings {
              "{{Name(typeof(TensorOf))}}" = forged-tensor
              "{{Name(typeof(ControlOf))}}" = forged-control
              "{{Name(typeof(UnknownOf))}}" = unknown
            }
          }
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
          coordinated-shutdown { exit-clr = off, run-by-clr-shutdown-hook = off }
        }
        """));

    private TestNode _victim = null!;
    private IActorRef _target = ActorRefs.Nobody;

    public static TheoryData<string> Attacks => [.. _attacks.Keys];

    public static TheoryData<string> SystemAttacks => [.. _systemAttacks.Keys];

    private static readonly Dictionary<string, Action<ForgedMessageTests>> _attacks = new()
    {
        ["tensor serializer, unknown manifest"] = test => test._target.Tell(new TensorOf("Z", [1, 2, 3])),
        ["tensor serializer, known manifest, no payload"] = test => test._target.Tell(new TensorOf("C", [])),
        ["control serializer, unknown number"] = test => test._target.Tell(new ControlOf([254, 255, 127, 0])),
        ["control serializer, named type"] = test => test._target.Tell(new ControlOf([255, 4, 0, 0, 0, .. "Evil"u8])),
        ["unknown serializer"] = test => test._target.Tell(new UnknownOf()),
        ["JSON that names a type"] = test => test._target.Tell(new Cargo()),
        ["plain bytes"] = test => test._target.Tell(new byte[] { 1, 2, 3 }),
        ["failure with an exception of the sender's choice"] = test => test._target.Tell(new Status.Failure(new ExplosiveException())),
        ["poison pill"] = test => test._target.Tell(PoisonPill.Instance),
        ["kill"] = test => test._target.Tell(Kill.Instance),
        ["kill by selection"] = test => test._peer.ActorSelection(test._target.Path).Tell(Kill.Instance),
        ["JSON by selection"] = test => test._peer.ActorSelection(test._target.Path).Tell(new Cargo()),
        ["an actor of the sender's choice"] = test => test._peer.ActorOf(
            Props.Create<Started>().WithDeploy(Deploy.None.WithScope(new RemoteScope(test._victim.Cluster.SelfAddress)))),
    };

    private static readonly Dictionary<string, Action<ForgedMessageTests>> _systemAttacks = new()
    {
        ["terminate"] = test => ((IInternalActorRef)test._target).SendSystemMessage(new Terminate()),
        ["suspend"] = test => ((IInternalActorRef)test._target).SendSystemMessage(new Suspend()),
        ["restart with an exception"] = test => ((IInternalActorRef)test._target).SendSystemMessage(new Recreate(new ExplosiveException())),
    };

    private readonly LogLines _log = new();

    public async Task InitializeAsync()
    {
        _victim = await TestNode.StartAsync(NodeSettings.CoordinatorRole, [], log: _log);
        await _victim.SeesMembersAsync(1, TestTime.Limit);
        IActorRef echo = _victim.System.ActorOf(Props.Create(() => new Echo(_seen)), "echo");
        _target = await _peer.ActorSelection(echo.Path.ToStringWithAddress(_victim.Cluster.SelfAddress)).ResolveOne(TestTime.Limit);
    }

    public async Task DisposeAsync()
    {
        await _peer.Terminate();
        await _victim.DisposeAsync();
    }

    public void Dispose()
    {
        _peer.Dispose();
        _log.Dispose();
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Receive_Forged_IsDroppedAndTheNodeLivesOn(string attack)
    {
        int before = Volatile.Read(ref _built);
        Assert.Equal("first", await _target.Ask<string>("first", TestTime.Limit));
        _attacks[attack](this);

        // Between two nodes, messages come in the order in which they were sent.
        Assert.Equal("second", await _target.Ask<string>("second", TestTime.Limit));
        Assert.Equal("third", await _target.Ask<string>("third", TestTime.Limit));
        Assert.Equal(["first", "second", "third"], _seen);
        Assert.Equal(before + (attack.Contains("exception", StringComparison.Ordinal) ? 1 : 0), Volatile.Read(ref _built));
        Assert.False(_victim.System.WhenTerminated.IsCompleted);
    }

    [Theory]
    [MemberData(nameof(SystemAttacks))]
    public async Task Receive_ForgedSystemMessage_IsDroppedAndTheNodeLivesOn(string attack)
    {
        int before = Volatile.Read(ref _built);
        _systemAttacks[attack](this);
        await _log.Await("is closed between nodes", TestTime.Limit);
        IActorRef echo = await _victim.System.ActorSelection("/user/echo").ResolveOne(TestTime.Limit);
        Assert.Equal("here", await echo.Ask<string>("here", TestTime.Limit));
        Assert.Equal(["here"], _seen);
        Assert.Equal(before + (attack.Contains("exception", StringComparison.Ordinal) ? 1 : 0), Volatile.Read(ref _built));

        // Another peer is none the worse.
        await using TestNode friend = await TestNode.StartAsync(NodeSettings.WorkerRole, [_victim.HostPort]);
        await friend.SeesMembersAsync(2, TestTime.Limit);
    }

    [Fact]
    public void Identifiers_OfClosedSerializers_AreAkkasOwn()
    {
        // A peer as Akka comes: were a number or a name wrong, a door would be closed that nobody uses.
        Akka.Serialization.Serialization open = _peer.Serialization;
        Akka.Serialization.Serialization closed = _victim.System.Serialization;
        Assert.Throws<SerializationException>(() => closed.Deserialize([], 1, Name(typeof(Cargo))));
        Assert.Equal(1, open.FindSerializerForType(typeof(object)).Identifier);
        Assert.Equal(3, open.FindSerializerForType(Type.GetType("Akka.Remote.DaemonMsgCreate, Akka.Remote", throwOnError: true)!).Identifier);
        foreach ((_, int identifier) in AkkaSerializers.Closed)
        {
            Assert.Contains("is closed between nodes", Assert.Throws<SerializationException>(() => closed.Deserialize([], identifier, "")).Message, StringComparison.Ordinal);
        }
    }

    private static string Name(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";

    private sealed class Echo : ReceiveActor
    {
        public Echo(ConcurrentQueue<object> seen) => ReceiveAny(message =>
        {
            seen.Enqueue(message);
            Sender.Tell(message);
        });
    }

    public sealed class Started : ReceiveActor
    {
        public Started() => Interlocked.Increment(ref _built);
    }

    public sealed class Cargo
    {
        private string _fuse = "lit";

        public string Fuse
        {
            get => _fuse;
            set
            {
                _fuse = value;
                Interlocked.Increment(ref _built);
            }
        }
    }

    [Serializable]
    public sealed class ExplosiveException : Exception
    {
        // The sender makes one; the receiver must not make another.
        public ExplosiveException() => Interlocked.Increment(ref _built);

        private ExplosiveException(SerializationInfo info, StreamingContext context) => Interlocked.Increment(ref _built);
    }

    public sealed record TensorOf(string Manifest, byte[] Payload);

    public sealed record ControlOf(byte[] Payload);

    public sealed record UnknownOf;

    public sealed class ForgedTensor(ExtendedActorSystem system) : SerializerWithStringManifest(system)
    {
        public override int Identifier => TensorSerializer.SerializerId;

        public override string Manifest(object o) => ((TensorOf)o).Manifest;

        public override byte[] ToBinary(object obj) => ((TensorOf)obj).Payload;

        public override object FromBinary(byte[] bytes, string manifest) => throw new SerializationException("not needed");
    }

    public sealed class ForgedControl(ExtendedActorSystem system) : Serializer(system)
    {
        public override int Identifier => ControlSerializer.SerializerId;

        public override bool IncludeManifest => false;

        public override byte[] ToBinary(object obj) => ((ControlOf)obj).Payload;

        public override object FromBinary(byte[] bytes, Type? type) => throw new SerializationException("not needed");
    }

    public sealed class Unknown(ExtendedActorSystem system) : Serializer(system)
    {
        public override int Identifier => 4999;

        public override bool IncludeManifest => false;

        public override byte[] ToBinary(object obj) => [1];

        public override object FromBinary(byte[] bytes, Type? type) => throw new SerializationException("not needed");
    }
}
