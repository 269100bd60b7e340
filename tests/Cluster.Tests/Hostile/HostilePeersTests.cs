using System.Diagnostics;
using MetaMap.Coordinator.Runs.Machine;
using Xunit.Abstractions;

namespace MetaMap.Cluster.Tests.Hostile;

/// <summary>
/// Strangers on the cluster's port while a real run trains: they are closed or left alone, memory and log stay within
/// bounds, training goes on, and its model has the right bits.
/// </summary>
[Trait("Category", "Slow")]
[Collection(HostileCluster.Name)]
public sealed class HostilePeersTests(HostileCluster hostile, ITestOutputHelper output)
{
    // A heap that is not yet collected, and buffers outside of it.
    private const long SlackBytes = TestCluster.HeapBytes + (64 << 20);
    private const long BytesPerConnection = 12 << 10;
    private const int SlackLines = 60;
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(1);
    // Once enough have come, they come on at a slower pace until the run has ended.
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(300);
    private static readonly Lazy<Task<byte[]>> _handshake = new(Attacks.Handshake);

    [Theory]
    [InlineData("random bytes", 1_000)]
    [InlineData("frames of garbage", 1_000)]
    [InlineData("changed handshakes", 500)]
    [InlineData("gigantic lengths", 200)]
    [InlineData("HTTP and TLS", 500)]
    [InlineData("half-open", 1_000)]
    [InlineData("many connections", 1_000)]
    [InlineData("connect and close", 5_000)]
    public async Task Coordinator_Attacked_TrainsOnToTheRightBits(string attack, int least)
    {
        TestCluster cluster = hostile.Cluster;
        byte[] handshake = await _handshake.Value;
        using Attacks attacks = new(cluster.Port, seed: attack.Length);
        int linesBefore = cluster.LogLines.Length;
        long most = 0;
        int peers = 0;
        string run = $"under-{attack.Replace(' ', '-')}";
        await cluster.StartRun(run);
        Task training = cluster.RightBits(run);
        Stopwatch time = Stopwatch.StartNew();
        while ((peers < least || !training.IsCompleted) && time.Elapsed < _longest && attacks.Held < 9_000)
        {
            peers += await attacks.Waves[attack](handshake);
            most = Math.Max(most, cluster.ResidentBytes);
            if (peers >= least)
            {
                await Task.Delay(_pause);
            }
        }

        await training;
        most = Math.Max(most, cluster.ResidentBytes);
        string[] lines = [.. cluster.LogLines.Skip(linesBefore)];
        output.WriteLine($"{peers} peers in {time.Elapsed.TotalSeconds:0.0} s, {attacks.Held} held; memory {hostile.CalmBytes >> 20} -> {most >> 20} MiB; {lines.Length} log lines");
        Assert.True(peers >= Math.Min(least, 1_000), $"only {peers} peers in {time.Elapsed}");
        Assert.True(
            most - hostile.CalmBytes <= SlackBytes + (attacks.Held * BytesPerConnection), $"memory went from {hostile.CalmBytes >> 20} to {most >> 20} MiB");
        Assert.True(lines.Length <= SlackLines, $"{lines.Length} log lines:\n{string.Join('\n', lines.Take(100))}");
        string[] bad = [.. lines.Where(line => ((string[])["nhandled", "   at "]).Any(word => line.Contains(word, StringComparison.Ordinal)))];
        Assert.True(bad.Length == 0, string.Join('\n', bad));
    }
}
