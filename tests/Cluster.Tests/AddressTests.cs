using System.Net;
using MetaMap.Chaos.Links;

namespace MetaMap.Cluster.Tests;

/// <summary>Nodes that listen on IPv6, or are reached by another address than their own; the model has the same bits.</summary>
[Trait("Category", "Slow")]
public sealed class AddressTests : SmallCluster
{
    private readonly int _port = RunFolder.FreePort();

    [Fact]
    public async Task Run_CoordinatorAndWorkersOnIPv6_HasTheBitsOfTheLocalLoop()
    {
        Coordinator("::1");
        Worker($"[0:0:0:0:0:0:0:1]:{_port}");
        Worker($"[::1]:{_port}");
        await Finished();
    }

    [Fact]
    public async Task Run_WorkerBehindAddressTranslation_IsReachedByWhatItAdvertises()
    {
        int inside = RunFolder.FreePort(), outside = RunFolder.FreePort();
        await using TcpProxy gate = new(new IPEndPoint(IPAddress.Parse("127.0.0.9"), outside), new IPEndPoint(IPAddress.Loopback, inside));
        Coordinator("127.0.0.1");
        Worker($"127.0.0.1:{_port}", "--host", "127.0.0.1", "--port", $"{inside}", "--advertise", $"127.0.0.9:{outside}");
        Assert.Contains($"127.0.0.9:{outside}", Assert.Single(await Rows("workers", rows => rows.Length == 1)).GetRawText(), StringComparison.Ordinal);
        await Finished();
    }

    private void Coordinator(string host) => Add(MetamapProcess.Start([
        "coordinator", "--host", host, "--port", $"{_port}", "--http-port", $"{HttpPort}", "--runs", Folder["runs"], "--name", "small", .. SmallRun.Arguments(null)]));

    private void Worker(string coordinator, params string[] more) => Add(MetamapProcess.Start(["worker", "--coordinator", coordinator, "--threads", "1", .. more]));
}
