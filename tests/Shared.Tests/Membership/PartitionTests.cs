using Akka.Remote.Transport;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Membership;
using MetaMap.Shared.Tests.Hosting;
using MetaMap.Testing;

namespace MetaMap.Shared.Tests.Membership;

/// <summary>Nodes that do not hear of each other: the right side stays, and halves become one again.</summary>
[Trait("Category", "Slow")]
public sealed class PartitionTests : NodesOnLoopback
{
    [Fact]
    public async Task Partition_OneOfThree_LeavesAndTheMajorityStays()
    {
        await StartAsync(3, workers: 2);
        TestNode lone = Nodes[0];
        TestNode[] others = [.. Nodes[1..]];
        await CutAsync(lone, others, ThrottleTransportAdapter.Direction.Both);
        await lone.EndsAsync(TestTime.Limit);
        await SeeEachOtherAsync(others);
    }

    [Fact]
    public async Task Partition_OneOfTwo_BothStayAndBecomeOneAgain()
    {
        await StartAsync(2, workers: 1);
        await CutAsync(Nodes[0], [Nodes[1], Nodes[2]], ThrottleTransportAdapter.Direction.Both);
        await SeeEachOtherAsync([Nodes[0]]);
        await SeeEachOtherAsync([Nodes[1], Nodes[2]]);

        // The adapter holds back what Akka sends, not connections: the later one sees the earlier one, gives its cluster up, and joins.
        await Nodes[1].EndsAsync(TestTime.Limit);
        string[] seeds = [Nodes[0].HostPort, Nodes[1].HostPort];
        await CutAsync(Nodes[0], [Nodes[1]], ThrottleTransportAdapter.Direction.Both, Unthrottled.Instance);
        TestNode again = await AddAsync(NodeSettings.CoordinatorRole, seeds, NodeAddress.Parse(seeds[1]).Port, rejoinAttempt: 0);
        await SeeEachOtherAsync([Nodes[0], again]);
    }

    [Theory]
    [InlineData(ThrottleTransportAdapter.Direction.Send)]
    [InlineData(ThrottleTransportAdapter.Direction.Receive)]
    public async Task OneWayPartition_OfAWorker_OnlyTheWorkerGoes(ThrottleTransportAdapter.Direction direction)
    {
        await StartAsync(1, workers: 3);
        await CutAsync(Nodes[3], [Nodes[0]], direction);
        await SeeEachOtherAsync(Nodes[..3]);
    }
}
