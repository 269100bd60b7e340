using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;
using Akka.Remote.Transport;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Membership;
using MetaMap.Shared.Tests.Hosting;

namespace MetaMap.Shared.Tests.Membership;

/// <summary>Real actor systems on loopback: crashes by shutting the transport, partitions by Akka's throttle adapter.</summary>
[Trait("Category", "Slow")]
public sealed class SplitBrainTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private readonly List<TestNode> _nodes = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (TestNode node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 0)]
    [InlineData(3, 2)]
    public async Task Crash_OneCoordinatorOfSeveral_TheOthersAndTheWorkersStay(int coordinators, int crashed)
    {
        await StartAsync(coordinators, workers: 2);
        TestNode gone = _nodes[crashed];
        await gone.CrashAsync();
        await SeeEachOtherAsync([.. _nodes.Where(node => node != gone)]);
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
        await Task.WhenAll(_nodes.Select(node => node.KnowsAsync(_nodes, Limit)));
        Assert.Equal(1, _nodes[1].Cluster.State.Members.Count(member => member.Status == MemberStatus.Up));
        await _nodes[0].CrashAsync();
        await SeeEachOtherAsync(_nodes[1..]);
    }

    /// <summary>The first of the list is gone for good, and all others are started anew.</summary>
    [Fact]
    public async Task Start_WithoutTheFirstOfTheList_TheSecondBeginsInTheEnd()
    {
        string[] seeds = [.. FreePorts.Take(3).Select(port => $"127.0.0.1:{port}")];
        await AddAsync(NodeSettings.CoordinatorRole, seeds, NodeAddress.Parse(seeds[1]).Port, rejoinAttempt: 1);
        await AddAsync(NodeSettings.CoordinatorRole, seeds, NodeAddress.Parse(seeds[2]).Port, rejoinAttempt: 1);
        await SeeEachOtherAsync(_nodes);
        await AddAsync(NodeSettings.CoordinatorRole, seeds, NodeAddress.Parse(seeds[0]).Port);
        await SeeEachOtherAsync(_nodes);
    }

    [Fact]
    public async Task Crash_AllWorkersButOneAtOnce_TheCoordinatorStays()
    {
        await StartAsync(1, workers: 8);
        await Task.WhenAll(_nodes[2..].Select(node => node.CrashAsync()));
        await SeeEachOtherAsync(_nodes[..2]);
        TestNode late = await AddAsync(NodeSettings.WorkerRole, [_nodes[0].HostPort]);
        await SeeEachOtherAsync([_nodes[0], _nodes[1], late]);
    }

    [Fact]
    public async Task Partition_OneOfThree_LeavesAndTheMajorityStays()
    {
        await StartAsync(3, workers: 2);
        TestNode lone = _nodes[0];
        TestNode[] others = [.. _nodes[1..]];
        await CutAsync(lone, others, ThrottleTransportAdapter.Direction.Both);
        await lone.EndsAsync(Limit);
        await SeeEachOtherAsync(others);
    }

    [Fact]
    public async Task Partition_OneOfTwo_BothStayAndBecomeOneAgain()
    {
        await StartAsync(2, workers: 1);
        await CutAsync(_nodes[0], [_nodes[1], _nodes[2]], ThrottleTransportAdapter.Direction.Both);
        await SeeEachOtherAsync([_nodes[0]]);
        await SeeEachOtherAsync([_nodes[1], _nodes[2]]);

        // The adapter holds back what Akka sends, not connections: the later one sees the earlier one, gives its cluster up, and joins.
        await _nodes[1].EndsAsync(Limit);
        string[] seeds = [_nodes[0].HostPort, _nodes[1].HostPort];
        await CutAsync(_nodes[0], [_nodes[1]], ThrottleTransportAdapter.Direction.Both, Unthrottled.Instance);
        TestNode again = await AddAsync(NodeSettings.CoordinatorRole, seeds, NodeAddress.Parse(seeds[1]).Port, rejoinAttempt: 0);
        await SeeEachOtherAsync([_nodes[0], again]);
    }

    [Theory]
    [InlineData(ThrottleTransportAdapter.Direction.Send)]
    [InlineData(ThrottleTransportAdapter.Direction.Receive)]
    public async Task OneWayPartition_OfAWorker_OnlyTheWorkerGoes(ThrottleTransportAdapter.Direction direction)
    {
        await StartAsync(1, workers: 3);
        await CutAsync(_nodes[3], [_nodes[0]], direction);
        await SeeEachOtherAsync(_nodes[..3]);
    }

    private async Task StartAsync(int coordinators, int workers)
    {
        string[] seeds = [.. FreePorts.Take(coordinators).Select(port => $"127.0.0.1:{port}")];
        foreach (string _ in seeds)
        {
            await AddAsync(NodeSettings.CoordinatorRole, seeds, NodeAddress.Parse(seeds[_nodes.Count]).Port);
        }

        for (int worker = 0; worker < workers; worker++)
        {
            await AddAsync(NodeSettings.WorkerRole, seeds);
        }

        await SeeEachOtherAsync(_nodes);
    }

    private async Task<TestNode> AddAsync(string role, string[] seeds, int port = 0, int? rejoinAttempt = null, string more = "")
    {
        NodeSettings settings = new() { Roles = [role], Seeds = seeds, Port = port, RejoinAttempt = rejoinAttempt };
        IEnumerable<string> order = SeedPolicy.Order(seeds, settings.HostPort, rejoinAttempt);
        TestNode node = await TestNode.StartAsync(settings, akka => akka.AddHocon(
            $$"""
            akka.remote.dot-netty.tcp.applied-adapters = ["trttl"]
            akka.cluster.seed-nodes = [{{string.Join(", ", order.Select(seed => $"\"akka.trttl.tcp://metamap@{seed}\""))}}]
            {{more}}
            """, HoconAddMode.Prepend));
        _nodes.Add(node);
        return node;
    }

    private static Task SeeEachOtherAsync(IReadOnlyCollection<TestNode> nodes) =>
        Task.WhenAll(nodes.Select(node => node.SeesOnlyAsync(nodes, Limit)));

    /// <summary>Lets nothing pass between a node and others, by the node's own adapter.</summary>
    private static async Task CutAsync(
        TestNode node, IEnumerable<TestNode> others, ThrottleTransportAdapter.Direction direction, ThrottleMode? mode = null)
    {
        foreach (TestNode other in others)
        {
            Address address = other.Cluster.SelfAddress;
            Assert.True(await node.Transport.ManagementCommand(
                new SetThrottle(address, direction, mode ?? Blackhole.Instance)));
        }
    }
}
