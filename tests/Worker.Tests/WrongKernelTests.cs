using Akka.Actor;
using Akka.TestKit;
using MetaMap.Learning.Kernels;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Worker.Runs;
using MetaMap.Worker.Tests.Runs;
using TorchSharp;

namespace MetaMap.Worker.Tests;

/// <summary>A worker on a processor whose convolutions are wrong, which is injected: no test can choose its processor.</summary>
public sealed class WrongKernelTests : ClusterTestKit
{
    private readonly BlobStore _blobs = new();
    private readonly List<WorkerServices> _services = [];
    private readonly TestProbe _runs;

    public WrongKernelTests()
    {
        _runs = CreateTestProbe();
        BeWorkforce(TestActor);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _services.ForEach(services => services.Dispose());
    }

    [Fact]
    public void RunOpened_FastestKernelIsWrong_ComputesRightByTheNextAndSaysSo()
    {
        _blobs.Put(Leases.Parameters.Bytes.ToArray());
        (IActorRef agent, _) = Worker(new WrongConvolution(), Convolution.Products);
        agent.Tell(Leases.Opened, TestActor);
        RequestBlocks request = _runs.ExpectMsg<RequestBlocks>(TestTime.Limit);
        Assert.StartsWith("products (direct is wrong here: ", request.Kernels, StringComparison.Ordinal);

        agent.Tell(Leases.Lease(0), TestActor);
        BlockAdapted result = (BlockAdapted)_runs.FishForMessage(message => message is BlockAdapted, TestTime.Limit);
        using WorkerRun right = WorkerRun.Open(Leases.Opened, null, Leases.Lanes(1), new KernelChooser(Convolution.Products));
        Assert.True(_blobs.TryGet(result.Gradient, out ReadOnlyMemory<byte> gradient));
        Assert.Equal(right.Compute(0, Leases.Parameters, 1, Leases.Lease(0).Block).GradientSum.Bytes.ToArray(), gradient.ToArray());
    }

    [Fact]
    public void RunOpened_EveryKernelIsWrong_TakesNoPartAndSaysWhy()
    {
        (IActorRef agent, _) = Worker(new WrongConvolution());
        agent.Tell(Leases.Opened, TestActor);
        string reason = ExpectMsg<RunDeclined>(TestTime.Limit).Reason;
        Assert.StartsWith("No way of computing convolutions is right on this processor (direct: the value of ", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", reason, StringComparison.Ordinal);
        // A second run is asked for after it would have been.
        (IActorRef sound, WorkerServices services) = Worker(Convolution.Products);
        sound.Tell(Leases.Opened, TestActor);
        Assert.Equal(services.WorkerId, _runs.ExpectMsg<RequestBlocks>(TestTime.Limit).WorkerId);
    }

    [Fact]
    public void BlockLeased_KernelBreaksLater_FailsWithTheReason()
    {
        string reason = FailureOfBlock(0, kernel => kernel.IsWrong = true);
        Assert.StartsWith("convolutions (direct) passed their check at the start and are wrong now: ", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void BlockLeased_KernelThrows_FailsNamingTheEpisode()
    {
        string reason = FailureOfBlock(2, kernel => kernel.Throws = true);
        Assert.Equal($"episode {Leases.Lease(2).Block.Episodes[0].Index}: InsufficientMemoryException: 9 GB are not to be had", reason);
    }

    /// <summary>Why a block failed whose kernel was right when its run was opened, and breaks afterwards.</summary>
    private string FailureOfBlock(int block, Action<WrongConvolution> happens)
    {
        WrongConvolution fragile = new() { IsWrong = false };
        _blobs.Put(Leases.Parameters.Bytes.ToArray());
        (IActorRef agent, _) = Worker(fragile);
        agent.Tell(Leases.Opened, TestActor);
        _runs.ExpectMsg<RequestBlocks>(TestTime.Limit);
        happens(fragile);
        agent.Tell(Leases.Lease(block), TestActor);
        return ((BlockFailed)_runs.FishForMessage(message => message is BlockFailed, TestTime.Limit)).Reason;
    }

    private (IActorRef Agent, WorkerServices Services) Worker(params Convolution[] ways)
    {
        WorkerServices services = new(
            new WorkerSettings { Node = new NodeSettings { Roles = [NodeSettings.WorkerRole] }, Threads = 1 }, _blobs, TimeProvider.System, new KernelChooser([.. ways]));
        _services.Add(services);
        return (Sys.ActorOf(Props.Create(() => new WorkerAgent(services, _runs.Ref))), services);
    }

    private sealed class WrongConvolution : Convolution
    {
        public override string Name => "direct";

        public bool IsWrong { get; set; } = true;

        public bool Throws { get; set; }

        public override torch.Tensor Apply(torch.Tensor inputs, torch.Tensor weight, torch.Tensor? bias, long stride, long padding)
        {
            torch.Tensor right = Throws
                ? throw new InsufficientMemoryException("9 GB are not to be had") : Products.Apply(inputs, weight, bias, stride, padding);
            return IsWrong ? right / torch.zeros(1) : right;
        }
    }
}
