using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor.Setup;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Tests.Hosting;
using MetaMap.Testing;

namespace MetaMap.Shared.Tests.Security;

/// <summary>Real nodes over loopback: who may join, in both directions, and that the victim is none the worse.</summary>
public sealed class MutualTlsTests : IDisposable
{

    private readonly Certificates _certificates = new();
    private readonly LogLines _log = new();

    public void Dispose()
    {
        _certificates.Dispose();
        _log.Dispose();
    }

    [Theory]
    [InlineData(Stranger.Expired)]
    [InlineData(Stranger.NotYetValid)]
    [InlineData(Stranger.Foreign)]
    [InlineData(Stranger.SelfSigned)]
    [InlineData(Stranger.ServerOnly)]
    public async Task Join_StrangersCertificate_IsRefusedAndTheClusterLivesOn(Stranger stranger)
    {
        await using TestNode victim = await Victim();
        using X509Certificate2 certificate = _certificates.Of(stranger);
        using ActorSystem intruder = Intruder(new DotNettySslSetup(certificate, suppressValidation: true, requireMutualAuthentication: true));
        Cluster.Get(intruder).Join(victim.Cluster.SelfAddress);
        await _log.Await($"is refused: its certificate {Certificates.ProblemOf(stranger)}", TestTime.Limit);
        await AssertClosedTo(intruder, victim);
    }

    [Fact]
    public async Task Join_NoCertificate_IsRefusedAndTheClusterLivesOn()
    {
        await using TestNode victim = await Victim();
        using X509Certificate2 certificate = _certificates.Of(Stranger.SelfSigned);
        using ActorSystem intruder = Intruder(new DotNettySslSetup(certificate, suppressValidation: true, requireMutualAuthentication: false));
        Cluster.Get(intruder).Join(victim.Cluster.SelfAddress);
        await _log.Await("client did not provide a certificate", TestTime.Limit);
        await AssertClosedTo(intruder, victim);
    }

    [Fact]
    public async Task Join_WithoutTls_IsRefusedAndTheClusterLivesOn()
    {
        await using TestNode victim = await Victim();
        using ActorSystem intruder = Intruder(null);
        Cluster.Get(intruder).Join(victim.Cluster.SelfAddress.WithProtocol("akka.tcp"));
        await _log.Await("not an SSL/TLS record", TestTime.Limit);
        await AssertClosedTo(intruder, victim);
    }

    [Theory]
    [InlineData(Stranger.Expired)]
    [InlineData(Stranger.Foreign)]
    [InlineData(Stranger.SelfSigned)]
    [InlineData(Stranger.ServerOnly)]
    public async Task Connect_ServerWithAStrangersCertificate_IsRefusedAndTheNodeLivesOn(Stranger stranger)
    {
        using X509Certificate2 certificate = _certificates.Of(stranger);
        await AssertSurvives(
            async (client, over) =>
            {
                await using SslStream tls = new(client.GetStream(), false, (_, shown, _, _) => shown is not null);
                await tls.AuthenticateAsServerAsync(certificate, true, SslProtocols.Tls12, false);
                await tls.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, over);
            },
            $" is refused: its certificate {Certificates.ProblemOf(stranger)}");
    }

    [Fact]
    public async Task Connect_ServerThatRefusesOurCertificate_NodeLivesOn() => await AssertSurvives(
        async (client, over) =>
        {
            await using SslStream tls = new(client.GetStream(), false, (_, _, _, _) => false);
            await tls.AuthenticateAsServerAsync(_certificates.Node.Certificate, true, SslProtocols.Tls12, false);
        },
        "Tried to associate");

    [Fact]
    public async Task Connect_ServerWithoutTls_NodeLivesOn() => await AssertSurvives(
        async (client, over) =>
        {
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), over);
            while (await stream.ReadAsync(new byte[1024], over) > 0)
            {
                // Until the node gives up.
            }
        },
        "not an SSL/TLS record");

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Connect_ServerThatSaysNothing_NodeLivesOn() => await AssertSurvives(
        async (client, over) =>
        {
            NetworkStream stream = client.GetStream();
            while (await stream.ReadAsync(new byte[1024], over) > 0)
            {
                // Not a word.
            }
        },
        "Associate timed out");

    private Task<TestNode> Victim() => TestNode.StartAsync(NodeSettings.CoordinatorRole, [], null, _certificates.Node, _log);

    /// <summary>A node of somebody else's making: Akka as it comes, believing everybody.</summary>
    private static ActorSystem Intruder(DotNettySslSetup? tls)
    {
        Config config = ConfigurationFactory.ParseString($$"""
            akka {
              loglevel = OFF
              stdout-loglevel = OFF
              actor.provider = cluster
              remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0, enable-ssl = {{(tls is null ? "off" : "on")}} }
              cluster.roles = ["worker"]
              coordinated-shutdown { exit-clr = off, run-by-clr-shutdown-hook = off }
            }
            """);
        BootstrapSetup bootstrap = BootstrapSetup.Create().WithConfig(config);
        return ActorSystem.Create(NodeSettings.SystemName, tls is null ? ActorSystemSetup.Create(bootstrap) : bootstrap.And(tls));
    }

    /// <summary>The intruder is no member, and a good node still becomes one.</summary>
    private async Task AssertClosedTo(ActorSystem intruder, TestNode victim)
    {
        await using TestNode friend = await TestNode.StartAsync(NodeSettings.WorkerRole, [victim.HostPort], null, _certificates.Node);
        await friend.SeesMembersAsync(2, TestTime.Limit);
        await victim.SeesMembersAsync(2, TestTime.Limit);
        Assert.Equal(
            new[] { victim.Cluster.SelfAddress, friend.Cluster.SelfAddress }.Order(),
            victim.Cluster.State.Members.Select(member => member.Address).Order());
        Assert.All(victim.Cluster.State.Members, member => Assert.StartsWith("akka.ssl.tcp://", member.Address.ToString(), StringComparison.Ordinal));
        Assert.NotEqual(MemberStatus.Up, Cluster.Get(intruder).SelfMember.Status);
        Assert.DoesNotContain(_log.All, line => line.Contains("   at ", StringComparison.Ordinal));
    }

    /// <summary>A node that connects to such a server says why it does not, and takes part in its cluster as before.</summary>
    private async Task AssertSurvives(Func<TcpClient, CancellationToken, Task> serve, string reason)
    {
        using CancellationTokenSource over = new();
        using TcpListener server = new(IPAddress.Loopback, 0);
        server.Start();
        Task serving = Serve(server, serve, over.Token);
        await using TestNode victim = await Victim();
        await victim.SeesMembersAsync(1, TestTime.Limit);
        string port = ((IPEndPoint)server.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        victim.System.ActorSelection($"akka.ssl.tcp://metamap@127.0.0.1:{port}/user/anybody").Tell(new Identify(1));
        await _log.Await(reason, TestTime.Limit);

        // The victim itself is one member for the length of a handshake, and a second one joins it after that.
        await using TestNode friend = await TestNode.StartAsync(NodeSettings.WorkerRole, [victim.HostPort], null, _certificates.Node);
        await victim.SeesMembersAsync(2, TestTime.Limit);
        Assert.DoesNotContain(_log.All, line => line.Contains("   at ", StringComparison.Ordinal));
        Assert.False(victim.System.WhenTerminated.IsCompleted);
        await over.CancelAsync();
        await serving;
    }

    private static async Task Serve(TcpListener server, Func<TcpClient, CancellationToken, Task> serve, CancellationToken over)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await server.AcceptTcpClientAsync(over);
                try
                {
                    await serve(client, over);
                }
                catch (Exception error) when (error is IOException or AuthenticationException)
                {
                    // As it should be.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
