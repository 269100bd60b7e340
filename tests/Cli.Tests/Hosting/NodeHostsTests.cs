using System.Net;
using System.Net.Sockets;
using MetaMap.Cli.Hosting;
using MetaMap.Coordinator;
using MetaMap.Core;
using MetaMap.Shared.Hosting;
using MetaMap.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace MetaMap.Cli.Tests.Hosting;

public sealed class NodeHostsTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Two nodes that start at the same time both find the port free; the later is told so before anything starts.</summary>
    [Fact]
    public async Task Coordinator_HttpPortIsWantedByTwo_TheLaterIsRefused()
    {
        using Socket other = Ports.ListenOnNextFree("127.0.0.1", 42_100, "--http-port");
        int port = ((IPEndPoint)other.LocalEndPoint!).Port;
        other.Dispose();
        await using WebApplication first = Build("127.0.0.1", port);
        Assert.Equal(
            $"Port {port} on 127.0.0.1 is in use, so the HTTP interface cannot listen there; name another with --http-port.",
            Assert.Throws<ConfigurationException>(() => Build("127.0.0.1", port)).Message);
    }

    [Fact]
    public void Coordinator_HttpHostThatNobodyKnows_IsRefused() => Assert.StartsWith(
        "'not a host' is neither an address nor a name that this machine knows", Assert.Throws<ConfigurationException>(() => Build("not a host", 0)).Message, StringComparison.Ordinal);

    private WebApplication Build(string httpHost, int httpPort) => NodeHosts.Coordinator(
        new CoordinatorSettings
        {
            Node = new NodeSettings { Roles = [NodeSettings.CoordinatorRole] }, HttpHost = httpHost, HttpPort = httpPort, RunsDirectory = _folder["runs"],
        },
        worker: null, new NodeLog(LogLevel.Warning));
}
