using Akka.Actor;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Worker.Machine;
using MetaMap.Worker.Tests.Runs;

namespace MetaMap.Worker.Tests.Machine;

/// <summary>A worker without a node: inputs by hand, and what follows from the newest.</summary>
internal sealed class WorkerLab(int lanes = 2)
{
    public static Address Coordinator { get; } = new("akka.tcp", "metamap", "10.0.0.1", 4053);

    public static WorkerId Id { get; } = new("w");

    public WorkerState State { get; private set; } = WorkerState.Begin(
        new WorkerProfile(Id, lanes, "1.2.3", "cpu", "holder", TimeSpan.FromSeconds(20)), TimeSpan.Zero);

    public TimeSpan Now { get; set; }

    public IEnumerable<WorkerEffect> Effects { get; private set; } = [];

    /// <summary>What the worker tells runs, of one kind.</summary>
    public IEnumerable<T> Told<T>() => Done<WorkerEffect.TellRun>().Select(tell => tell.Message).OfType<T>();

    public IEnumerable<T> Done<T>() => Effects.OfType<T>();

    /// <summary>Blocks that lanes begin, by lane.</summary>
    public IEnumerable<(int Lane, int Block)> Begun => Done<WorkerEffect.Compute>().Select(compute => (compute.Lane, compute.Lease.Lease.Block));

    public WorkerLab Take(WorkerInput input)
    {
        (State, var effects) = WorkerMachine.Step(State, input, Now);
        Effects = effects;
        return this;
    }

    public WorkerLab Name(RunOpened opened) => Take(new WorkerInput.RunNamed(opened, Coordinator));

    /// <summary>A run is named and opened.</summary>
    public WorkerLab Open(string run = "run", double weight = 1)
    {
        Name(Leases.Opened with { RunId = new RunId(run), Weight = weight });
        return Take(new WorkerInput.RunReady(Done<WorkerEffect.OpenRun>().Single().Number, Leases.Training.Layout, "direct"));
    }

    public WorkerLab Lease(BlockLeased lease) => Take(new WorkerInput.Leased(lease));

    /// <summary>The parameters of <see cref="Leases"/> are fetched.</summary>
    public WorkerLab Supply() => Take(new WorkerInput.ParametersHere(Leases.Version, Leases.Parameters.Bytes.ToArray()));

    /// <summary>A lane ends its block with a gradient of some content.</summary>
    public WorkerLab Adapt(int lane, BlockLeased lease, byte content = 1) =>
        Take(new WorkerInput.LaneEnded(lane, lease.Lease, new BlockOutcome.Adapted([], Gradient(content))));

    public static BlobId Gradient(byte content) => BlobStore.IdOf([content]);
}
