using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote.Transport;

namespace MetaMap.Shared.Security;

/// <summary>
/// Akka's TCP transport with mutual TLS, behind a trial handshake before every outgoing connection. Akka shuts a whole
/// node down when the handshake of one of its outgoing connections fails, so that a foreign server on the address of a
/// worker that is gone would take a coordinator with it. Here such a connection fails alone, with one line in the log.
/// </summary>
public sealed class TlsTransport : Transport
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    // A frame of Akka.Remote (length, little-endian) with the instruction "disassociate" in Protobuf.
    private static readonly byte[] _disassociate = [4, 0, 0, 0, 0x12, 2, 0x08, 2];

    private readonly Transport _tcp;
    private readonly NodeCertificate _node;
    private readonly ILoggingAdapter _log;

    /// <summary>Called by Akka, with the type's name from the configuration.</summary>
    /// <param name="system">Has the node's certificate among its setups.</param>
    /// <param name="config">The transport's settings.</param>
    public TlsTransport(ActorSystem system, Config config)
    {
        System = system;
        Config = config;
        _node = system.Settings.Setup.Get<NodeCertificateSetup>().Value.Certificate;
        _log = Logging.GetLogger(system, this);
        _tcp = (Transport)Activator.CreateInstance(
            Type.GetType("Akka.Remote.Transport.DotNetty.TcpTransport, Akka.Remote", throwOnError: true)!, system, config)!;
        SchemeIdentifier = _tcp.SchemeIdentifier;
        MaximumPayloadBytes = _tcp.MaximumPayloadBytes;
    }

    /// <inheritdoc />
    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen() => _tcp.Listen();

    /// <inheritdoc />
    public override bool IsResponsibleFor(Address remote) => _tcp.IsResponsibleFor(remote);

    /// <inheritdoc />
    public override async Task<AssociationHandle> Associate(Address remoteAddress)
    {
        if (await Refusal(remoteAddress.Host, remoteAddress.Port ?? 0).ConfigureAwait(false) is { } refusal)
        {
            _log.Warning("no connection to {0}: {1}", remoteAddress, refusal);
            throw new InvalidAssociationException($"No TLS connection to {remoteAddress}: {refusal}");
        }

        return await _tcp.Associate(remoteAddress).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public override Task<bool> Shutdown() => _tcp.Shutdown();

    /// <inheritdoc />
    public override Task<bool> ManagementCommand(object message) => _tcp.ManagementCommand(message);

    /// <summary>
    /// Ends the trial as Akka's protocol ends an association, and waits until the other side has closed the connection:
    /// were it just dropped, the other side's log would show a failed handshake.
    /// </summary>
    private static async Task Part(SslStream tls, CancellationToken cancellation)
    {
        await tls.WriteAsync(_disassociate, cancellation).ConfigureAwait(false);
        await tls.ReadAsync(new byte[1], cancellation).ConfigureAwait(false);
    }

    /// <summary>Null when both sides accept each other, or when nobody listens (which is Akka's to report); else why not.</summary>
    private async Task<string?> Refusal(string host, int port)
    {
        string? problem = null;
        using CancellationTokenSource patience = new(_patience);
        try
        {
            using TcpClient client = new();
            await client.ConnectAsync(host, port, patience.Token).ConfigureAwait(false);
            using SslStream tls = new(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) =>
            {
                problem = _node.Problem(certificate as X509Certificate2, TimeProvider.System.GetUtcNow());
                return problem is null;
            });
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = host,
                    ClientCertificateContext = SslStreamCertificateContext.Create(_node.Certificate, null, offline: true),
                    EnabledSslProtocols = SslProtocols.Tls12, // what DotNetty speaks; the answer to our certificate is part of its handshake
                },
                patience.Token).ConfigureAwait(false);
            await Part(tls, patience.Token).ConfigureAwait(false);
            return null;
        }
        catch (AuthenticationException error)
        {
            return problem is null ? $"the TLS handshake failed: {error.Message}" : $"its certificate {problem}";
        }
        catch (IOException error)
        {
            return $"it does not speak TLS, or refuses this node's certificate: {error.Message}";
        }
        catch (OperationCanceledException)
        {
            return $"it did not answer within {_patience.TotalSeconds:0} s";
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
