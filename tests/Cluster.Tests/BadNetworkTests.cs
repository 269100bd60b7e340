using Akka.Remote.Transport;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Shared.Messages;

namespace MetaMap.Cluster.Tests;

/// <summary>A run of two workers while the network between a worker and the coordinator is bad: it has the bits of the local loop.</summary>
[Trait("Category", "Slow")]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "xunit calls IAsyncLifetime.DisposeAsync.")]
public sealed class BadNetworkTests : IAsyncLifetime
{
    private const int Iterations = 50;
    // Long enough that a worker is back, and has a share again, before the run ends.
    private const int LongIterations = 240;

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
    public async Task Partition_OfAWorkerForGood_TheOtherFinishes(ThrottleTransportAdapter.Direction direction)
    {
        DateTimeOffset cut = default;
        await TrainAsync(Iterations, (5, async () => cut = await Throttle(direction, Blackhole.Instance)));
        AssertFelt(cut);
    }

    [Fact]
    public async Task Partition_OfAWorkerForAWhile_ItGoesOn()
    {
        DateTimeOffset cut = default;
        DateTimeOffset healed = default;
        await TrainAsync(
            LongIterations,
            (5, async () =>
            {
                // Longer than its leases live, shorter than it may be unreachable: however busy the machine is, it stays a member.
                cut = await Throttle(ThrottleTransportAdapter.Direction.Both, Blackhole.Instance);
                await Task.Delay(TimeSpan.FromSeconds(4));
                healed = await Throttle(ThrottleTransportAdapter.Direction.Both, Unthrottled.Instance);
            }));
        Assert.InRange(Counted(1, cut, healed), 0, 2); // what was under way
        Assert.InRange(Counted(2, cut, healed), 1, int.MaxValue);
        Assert.NotEqual(0, Counted(1, healed));
    }

    [Fact]
    public async Task SlowLink_OfAWorker_DelaysOnly()
    {
        DateTimeOffset slowed = default;
        await TrainAsync(Iterations, (5, async () => slowed = await Throttle(ThrottleTransportAdapter.Direction.Both, new TokenBucket(3_000, 3_000, 0, 0))));
        AssertFelt(slowed);
    }

    /// <summary>Frames of a connection vanish, whatever they carry: leases, chunks, results, verdicts, gossip.</summary>
    [Fact]
    public Task DroppedFrames_BothWays_CostTimeOnly() => TrainAsync(
        Iterations,
        (3, () => _cluster.CommandAsync(1, 0, address => new FailureInjectorTransportAdapter.One(address, new FailureInjectorTransportAdapter.Drop(0.05, 0.05)))));

    private async Task<DateTimeOffset> Throttle(ThrottleTransportAdapter.Direction direction, ThrottleMode mode)
    {
        await _cluster.ContributedAsync(1);
        await _cluster.CommandAsync(1, 0, address => new SetThrottle(address, direction, mode));
        return TimeProvider.System.GetUtcNow();
    }

    private async Task TrainAsync(int iterations, params (int Iteration, Func<Task> Happens)[] steps)
    {
        RunSnapshot finished = await _cluster.TrainAsync(iterations, steps);
        Assert.Equal(RunStatus.Finished, finished.Status);
        Assert.Equal(SmallRun.LocalSha256Of(iterations), finished.State.Parameters.Sha256);
    }

    /// <summary>Most of the work was the other worker's from then on (what was under way still arrives, and on a busy machine the other is slow, too); before, it was shared.</summary>
    private void AssertFelt(DateTimeOffset from)
    {
        Assert.InRange(Counted(1, default, from), 1, int.MaxValue);
        (int mine, int others) = (Counted(1, from), Counted(2, from));
        Assert.True(others > 3 * mine, $"worker 1 gave {mine} results during the fault, worker 2 gave {others}");
    }

    private int Counted(int worker, DateTimeOffset from, DateTimeOffset? to = null) => _cluster.JournalOf(worker)
        .Count(entry => entry.Event == JournalEvent.Counted && entry.At >= from && entry.At < (to ?? DateTimeOffset.MaxValue));
}
