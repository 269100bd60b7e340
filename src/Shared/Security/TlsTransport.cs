using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote.Transport;
using Akka.Remote.Transport.DotNetty;

namespace MetaMap.Shared.Security;

/// <summary>
/// Akka's TCP transport with mutual TLS, kept from shutting its node down. Akka shuts down a whole node when the handshake of
/// one of its outgoing connections fails, so that a foreign or silent server at the address of a worker that is gone would
/// take a coordinator down. So the transport runs in an empty stand-in actor system of the same name: a failed handshake ends
/// the connection and, at most, the stand-in.
/// </summary>
internal sealed class TlsTransport : Transport
{
    private const string StandInConfig = """
        akka {
          loggers = []
          loglevel = WARNING
          stdout-loglevel = OFF
          log-dead-letters = off
          actor.provider = local
          coordinated-shutdown { terminate-actor-system = off, run-by-actor-system-terminate = off, exit-clr = off, run-by-clr-shutdown-hook = off }
        }
        """;

    private readonly ActorSystem _standIn;
    private readonly Transport _tcp;

    /// <summary>Called by Akka, which finds the type by its name in the configuration.</summary>
    /// <param name="system">The node's actor system, with a <see cref="DotNettySslSetup"/>.</param>
    /// <param name="config">The transport's settings.</param>
    public TlsTransport(ActorSystem system, Config config)
    {
        System = system;
        Config = config;
        _standIn = ActorSystem.Create(system.Name, BootstrapSetup.Create()
            .WithConfig(ConfigurationFactory.ParseString(StandInConfig))
            .And(system.Settings.Setup.Get<DotNettySslSetup>().Value));
        EventStream events = system.EventStream;
        _standIn.EventStream.Subscribe(_standIn.ActorOf(Props.Create(() => new LogForwarder(events))), typeof(LogEvent));
        _tcp = (Transport)Activator.CreateInstance(
            Type.GetType("Akka.Remote.Transport.DotNetty.TcpTransport, Akka.Remote", throwOnError: true)!, _standIn, config)!;
        SchemeIdentifier = _tcp.SchemeIdentifier;
        MaximumPayloadBytes = _tcp.MaximumPayloadBytes;
    }

    /// <inheritdoc />
    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen() => _tcp.Listen();

    /// <inheritdoc />
    public override bool IsResponsibleFor(Address remote) => _tcp.IsResponsibleFor(remote);

    /// <inheritdoc />
    public override Task<AssociationHandle> Associate(Address remoteAddress) => _tcp.Associate(remoteAddress);

    /// <inheritdoc />
    public override async Task<bool> Shutdown()
    {
        bool isClean = await _tcp.Shutdown().ConfigureAwait(false);
        await _standIn.Terminate().ConfigureAwait(false);
        return isClean;
    }

    /// <inheritdoc />
    public override Task<bool> ManagementCommand(object message) => _tcp.ManagementCommand(message);

    /// <summary>Forwards what the transport logs to the node's log.</summary>
    private sealed class LogForwarder : ReceiveActor
    {
        public LogForwarder(EventStream events) => Receive<LogEvent>(events.Publish);
    }
}
