using Akka;
using Akka.Actor;
using Akka.TestKit;
using MetaMap.Learning.Kernels;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Episodes;
using MetaMap.Training.Rounds;
using MetaMap.Worker.Runs;
using MetaMap.Worker.Tests.Runs;

namespace MetaMap.Worker.Tests;

public sealed class WorkerAgentTests : ClusterTestKit
{
    private readonly BlobStore _blobs = new();
    private readonly WorkerServices _services;
    private readonly TestProbe _runs;
    private readonly TestProbe _holder;
    private readonly IActorRef _agent;

    public WorkerAgentTests()
    {
        _services = new WorkerServices(new WorkerSettings { Node = new NodeSettings { Roles = [NodeSettings.WorkerRole] }, Threads = 2, Grace = TimeSpan.FromSeconds(3) }, _blobs, TimeProvider.System, KernelChooser.OfThisMachine);
        _runs = CreateTestProbe();
        _holder = CreateTestProbe();
        _agent = Sys.ActorOf(Props.Create(() => new WorkerAgent(_services, _runs.Ref)));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _services.Dispose();
    }

    [Fact]
    public void RunOpened_ThatFits_IsAskedForBlocksAgainAndAgain()
    {
        Open();
        RequestBlocks again = _runs.ExpectMsg<RequestBlocks>(TestTime.Limit);
        Assert.Equal(new RequestBlocks(Leases.Opened.RunId, _services.WorkerId, 2, again.Kernels), again);
        Assert.NotEqual("", again.Kernels);
    }

    [Fact]
    public void RunClosed_WhileItIsOpened_IsNeverAskedForBlocks()
    {
        _agent.Tell(Leases.Opened, TestActor);
        _agent.Tell(new RunClosed(Leases.Opened.RunId), TestActor);
        // A run that is opened afterwards asks; by then the first, which took the same time, would have.
        _agent.Tell(Leases.Opened with { RunId = new RunId("second") }, TestActor);
        Assert.Equal("second", _runs.ExpectMsg<RequestBlocks>(TestTime.Limit).RunId.Value);
        Assert.Equal("second", Next<RequestBlocks>().RunId.Value);
    }

    [Fact]
    public void BlockLeased_ManyOfOneVersion_ItIsFetchedOnce()
    {
        Open();
        for (int block = 0; block < 4; block++)
        {
            _agent.Tell(Leases.Lease(block, _holder.Ref.Path.ToString()), TestActor);
        }

        GetBlobChunk get = _holder.ExpectMsg<GetBlobChunk>(TestTime.Limit);
        Assert.Equal(new GetBlobChunk(Leases.Version, 0), get);
        _holder.Reply(new BlobChunk(Leases.Version, 0, Leases.Parameters.Bytes.ToArray()));
        BlockAdapted[] results = [.. Enumerable.Range(0, 4).Select(_ => Next<BlockAdapted>()).OrderBy(result => result.Lease.Block)];
        Assert.Equal([0, 1, 2, 3], results.Select(result => result.Lease.Block));
        _agent.Tell(Leases.Lease(0, _holder.Ref.Path.ToString()), TestActor);
        Next<BlockAdapted>();
        _holder.ExpectNoMsg(TimeSpan.Zero);

        using WorkerRun run = WorkerRun.Open(Leases.Opened, null, Leases.Lanes(1), KernelChooser.OfThisMachine);
        BlockGradient expected = run.Compute(0, Leases.Parameters, 1, Leases.Lease(2).Block);
        Assert.True(_blobs.TryGet(results[2].Gradient, out ReadOnlyMemory<byte> bytes));
        Assert.Equal(expected.GradientSum.Bytes.ToArray(), bytes.ToArray());
        Assert.Equal(expected.Episodes.AsEnumerable(), results[2].Episodes.AsEnumerable());
        Assert.Equal((Leases.Opened.RunId, 1, 1, _services.WorkerId, run.Layout.Digest),
            (results[2].Lease.RunId, results[2].Lease.Round.Number, results[2].Lease.Attempt, results[2].WorkerId, results[2].LayoutDigest));
        Assert.EndsWith("/user/blobs", results[2].GradientHolder, StringComparison.Ordinal);
    }

    [Fact]
    public void BlockLeased_ParametersOfThisNode_AreNotFetched()
    {
        _blobs.Put(Leases.Parameters.Bytes.ToArray());
        Open();
        _agent.Tell(Leases.Lease(0, _holder.Ref.Path.ToString()), TestActor);
        Next<BlockAdapted>();
        _holder.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void BlockLeased_ThatCannotBeComputed_IsAnsweredWithTheReason()
    {
        _blobs.Put(Leases.Parameters.Bytes.ToArray());
        Open();
        BlockLeased lease = Leases.Lease(1);
        _agent.Tell(lease with { Episodes = [lease.Episodes[0] with { Classes = [lease.Episodes[0].Classes[0] with { ClassIndex = 999_999 }] }] }, TestActor);
        BlockFailed failed = Next<BlockFailed>();
        Assert.Equal((1, 1, 1, _services.WorkerId), (failed.Lease.Round.Number, failed.Lease.Block, failed.Lease.Attempt, failed.WorkerId));
        Assert.NotEmpty(failed.Reason);
        Assert.DoesNotContain("\n", failed.Reason, StringComparison.Ordinal);

        _agent.Tell(Leases.Lease(2), TestActor);
        Assert.Equal(2, Next<BlockAdapted>().Lease.Block);
    }

    [Fact]
    public void BlockLeased_ParametersThatAreGone_IsReturnedWithTheReason()
    {
        Open();
        _agent.Tell(Leases.Lease(0, _holder.Ref.Path.ToString()), TestActor);
        _agent.Tell(Leases.Lease(1, _holder.Ref.Path.ToString()), TestActor);
        _holder.ExpectMsg<GetBlobChunk>(TestTime.Limit);
        _holder.Reply(new BlobUnavailable(Leases.Version));
        BlockReturned[] returned = [Next<BlockReturned>(), Next<BlockReturned>()];
        Assert.Equal([0, 1], returned.Select(block => block.Lease.Block));
        Assert.All(returned, failure => Assert.Contains("the parameters could not be fetched", failure.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void BlockJudged_ItsGradient_IsReleased()
    {
        Open();
        _agent.Tell(Leases.Lease(0, _holder.Ref.Path.ToString()), TestActor);
        _holder.ExpectMsg<GetBlobChunk>(TestTime.Limit);
        _holder.Reply(new BlobChunk(Leases.Version, 0, Leases.Parameters.Bytes.ToArray()));
        BlockAdapted result = Next<BlockAdapted>();
        Assert.True(_blobs.TryGet(result.Gradient, out _));
        BlockJudged judged = new(result.Lease, result.Gradient, BlockVerdict.Counted);
        _agent.Tell(judged, TestActor);
        _agent.Tell(judged, TestActor);
        Settle();
        Assert.Equal(0, _blobs.Count);
    }

    [Fact]
    public void RunClosed_GradientsWithoutVerdict_AreReleasedAndLeasesDropped()
    {
        _blobs.Put(Leases.Parameters.Bytes.ToArray());
        Open();
        _agent.Tell(Leases.Lease(0), TestActor);
        Next<BlockAdapted>();
        Assert.Equal(2, _blobs.Count);
        _agent.Tell(new RunClosed(Leases.Opened.RunId), TestActor);
        _agent.Tell(Leases.Lease(1), TestActor);
        Settle();
        Assert.Equal(1, _blobs.Count);
    }

    [Fact]
    public void Drain_LeasesNotBegun_AreReturnedAtOnceAndTheOthersFinishedAndJudged()
    {
        Open();
        // This one waits for its parameters, which nobody sends.
        _agent.Tell(Leases.Lease(3, _holder.Ref.Path.ToString()) with { Parameters = Leases.Version with { LengthBytes = 8 } }, TestActor);
        _blobs.Put(Leases.Parameters.Bytes.ToArray());
        _agent.Tell(Leases.Lease(0), TestActor);
        BlockAdapted result = Next<BlockAdapted>();
        _agent.Tell(Drain.Instance, TestActor);
        Assert.Equal(0, Next<RequestBlocks>().Lanes);
        Assert.Equal((3, 1), (Next<BlockReturned>() is var returned ? returned.Lease.Block : -1, returned.Lease.Round.Number));

        // What was on its way is returned, too; the last verdict ends it.
        _agent.Tell(Leases.Lease(1), TestActor);
        Assert.Equal(1, Next<BlockReturned>().Lease.Block);
        Settle();
        _agent.Tell(new BlockJudged(result.Lease, result.Gradient, BlockVerdict.Counted), TestActor);
        ExpectMsg<Done>(TestTime.Limit);
    }

    private void Open()
    {
        _agent.Tell(Leases.Opened, TestActor);
        Next<RequestBlocks>();
    }

    private T Next<T>() => (T)_runs.FishForMessage(message => message is T, TestTime.Limit);

    // The agent has handled everything that was sent before.
    private void Settle()
    {
        _agent.Tell(new Identify(1), TestActor);
        ExpectMsg<ActorIdentity>(TestTime.Limit);
    }
}
