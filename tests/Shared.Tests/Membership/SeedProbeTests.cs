using System.Net;
using System.Net.Sockets;
using MetaMap.Shared.Membership;
using MetaMap.Shared.Tests.Hosting;
using MetaMap.Shared.Tests.Security;

namespace MetaMap.Shared.Tests.Membership;

public sealed class SeedProbeTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Problem_NobodyListens_SaysSo() => Assert.Equal(
        "refuses connections: no coordinator listens there", await SeedProbe.Problem($"127.0.0.1:{FreePorts.Take(1)[0]}", null, _patience));

    [Fact]
    public async Task Problem_UnknownName_SaysSo() => Assert.Equal(
        "is a name that this machine does not know", await SeedProbe.Problem("no-such-host.invalid:4053", null, _patience));

    [Fact]
    public async Task Explain_SomebodyElseListens_SaysWhatElseItMayBe()
    {
        using TcpListener listener = new(IPAddress.IPv6Loopback, 0);
        listener.Start();
        string seed = NodeAddress.Text("::1", ((IPEndPoint)listener.LocalEndpoint).Port);
        Assert.Equal(
            $"{seed} answers, but lets this node not join: it may want TLS (--tls), or advertise another address than this one, which its first line tells",
            await SeedProbe.Explain([seed], null));
    }

    [Fact]
    public async Task Problem_NoTlsThere_SaysSo()
    {
        using Certificates certificates = new();
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task closes = Task.Run(async () =>
        {
            using TcpClient caller = await listener.AcceptTcpClientAsync();
            await caller.GetStream().ReadExactlyAsync(new byte[1]);
        });
        Assert.StartsWith(
            "does not speak TLS, or does not take", await SeedProbe.Problem($"{listener.LocalEndpoint}", certificates.Node, _patience), StringComparison.Ordinal);
        await closes;
    }
}
