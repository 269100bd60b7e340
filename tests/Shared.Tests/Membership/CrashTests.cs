using Akka.Cluster;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Membership;
using MetaMap.Shared.Tests.Hosting;
using MetaMap.Testing;

namespace MetaMap.Shared.Tests.Membership;

/// <summary>Nodes that are gone without a word: those that are left go on.</summary>
[Trait("Category", "Slow")]
public sealed class CrashTests : NodesOnLoopback
{
    [Theory]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 0)]
    [InlineData(3, 2)]
    public async Task Crash_OneCoordinatorOfSeveral_TheOthersAndTheWorkersStay(int coordinators, int crashed)
    {
        await StartAsync(coordinators, workers: 2);
        TestNode gone = Nodes[crashed];
        await gone.CrashAsync();
        await SeeEachOtherAsync([.. Nodes.Where(node => node != gone)]);
    }

    /// <summary>The one that lets members up is gone before it has: those that were joining go on without it.</summary>
    [Fact]
    public async Task Crash_TheOnlyCoordinatorThatIsUp_ThoseThatWereJoiningStay()
    {
        string[] seeds = [.. FreePorts.Take(3).Select(port => $"127.0.0.1:{port}")];
        await AddAsync(NodeSettings.CoordinatorRole, seeds, NodeAddress.Parse(seeds[0]).Port, more: "akka.cluster.leader-actions-interval = 1h");
        await AddAsync(NodeSettings.CoordinatorRole, seeds, NodeAddress.Parse(seeds[1]).Port);
        await AddAsync(NodeSettings.CoordinatorRole, seeds, NodeAddress.Parse(seeds[2]).Port);
        await AddAsync(NodeSettings.WorkerRole, seeds);
        await Task.WhenAll(Nodes.Select(node => node.KnowsAsync(Nodes, TestTime.Limit)));
        Assert.Equal(1, Nodes[1].Cluster.State.Members.Count(member => member.Status == MemberStatus.Up));
        await Nodes[0].CrashAsync();
        await SeeEachOtherAsync(Nodes[1..]);
    }

    /// <summary>The first of the list is gone for good, and all others are started anew.</summary>
    [Fact]
    public async Task Start_WithoutTheFirstOfTheList_TheSecondBeginsInTheEnd()
    {
        string[] seeds = [.. FreePorts.Take(3).Select(port => $"127.0.0.1:{port}")];
        await AddAsync(NodeSettings.CoordinatorRole, seeds, NodeAddress.Parse(seeds[1]).Port, rejoinAttempt: 2);
        await AddAsync(NodeSettings.CoordinatorRole, seeds, NodeAddress.Parse(seeds[2]).Port, rejoinAttempt: 2);
        await SeeEachOtherAsync(Nodes);
        await AddAsync(NodeSettings.CoordinatorRole, seeds, NodeAddress.Parse(seeds[0]).Port);
        await SeeEachOtherAsync(Nodes);
    }

    [Fact]
    public async Task Crash_AllWorkersButOneAtOnce_TheCoordinatorStays()
    {
        await StartAsync(1, workers: 8);
        await Task.WhenAll(Nodes[2..].Select(node => node.CrashAsync()));
        await SeeEachOtherAsync(Nodes[..2]);
        TestNode late = await AddAsync(NodeSettings.WorkerRole, [Nodes[0].HostPort]);
        await SeeEachOtherAsync([Nodes[0], Nodes[1], late]);
    }
}
