using Akka.Remote.Transport;
using MetaMap.Coordinator.Runs;

namespace MetaMap.Cluster.Tests;

/// <summary>A run of two workers while the network between a worker and the coordinator is bad: it has the bits of the local loop.</summary>
[Trait("Category", "Slow")]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "xunit calls IAsyncLifetime.DisposeAsync.")]
public sealed class BadNetworkTests : IAsyncLifetime
{
    private readonly RunFolder _folder = new();
    private BadNetwork _cluster = null!;

    public async Task InitializeAsync()
    {
        _cluster = await BadNetwork.StartAsync(_folder["runs"]);
        await _cluster.AddWorkerAsync();
        await _cluster.AddWorkerAsync();
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(ThrottleTransportAdapter.Direction.Both)]
    [InlineData(ThrottleTransportAdapter.Direction.Send)]
    [InlineData(ThrottleTransportAdapter.Direction.Receive)]
    public Task Partition_OfAWorkerForGood_TheOtherFinishes(ThrottleTransportAdapter.Direction direction) =>
        TrainAsync(iteration => iteration == 5 ? Throttle(direction, Blackhole.Instance) : Task.CompletedTask);

    [Fact]
    public Task Partition_OfAWorkerForAWhile_ItGoesOn() => TrainAsync(iteration => iteration switch
    {
        5 => Throttle(ThrottleTransportAdapter.Direction.Both, Blackhole.Instance),
        8 => Throttle(ThrottleTransportAdapter.Direction.Both, Unthrottled.Instance),
        _ => Task.CompletedTask,
    });

    [Fact]
    public Task SlowLink_OfAWorker_DelaysOnly() => TrainAsync(iteration => iteration == 3
        ? Throttle(ThrottleTransportAdapter.Direction.Both, new TokenBucket(20_000, 100_000, 0, 20_000)) : Task.CompletedTask);

    /// <summary>Frames of a connection vanish, whatever they carry: leases, chunks, results, verdicts, gossip.</summary>
    [Fact]
    public Task DroppedFrames_BothWays_CostTimeOnly() => TrainAsync(iteration => iteration == 3
        ? _cluster.CommandAsync(1, 0, address => new FailureInjectorTransportAdapter.One(address, new FailureInjectorTransportAdapter.Drop(0.05, 0.05)))
        : Task.CompletedTask);

    private Task Throttle(ThrottleTransportAdapter.Direction direction, ThrottleMode mode) =>
        _cluster.CommandAsync(1, 0, address => new SetThrottle(address, direction, mode));

    private async Task TrainAsync(Func<int, Task> at)
    {
        RunSnapshot finished = await _cluster.TrainAsync(at);
        Assert.Equal(RunStatus.Finished, finished.Status);
        Assert.Equal(SmallRun.LocalSha256.Value, finished.State.Parameters.Sha256);
    }
}
