using System.Collections.Immutable;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Runs.Machine;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Tests.Runs.Machine;

/// <summary>
/// A run's machine on a bench: a clock that a test moves, workers that answer when it says so, and a store that does what
/// it says. What the machine says is remembered in order.
/// </summary>
internal sealed class RunLab
{
    private readonly Dictionary<BlobId, (ParameterVector Parameters, int Pins)> _offered = [];
    private readonly Queue<(WorkerId Worker, BlockLeased Lease)> _leases = new();
    private readonly Queue<RunInput> _outcomes = new();

    public RunLab(MetaTraining? training = null, Func<RunSetup, RunSetup>? change = null)
    {
        training ??= TinyRun.Training();
        RunSetup setup = new(training, training.Begin(), 1) { Holder = "here", Node = "bench" };
        (State, ImmutableArray<RunEffect> effects) = RunMachine.Begin(change?.Invoke(setup) ?? setup, Now);
        Carry(effects);
    }

    public RunState State { get; private set; }

    public TimeSpan Now { get; set; }

    public List<RunEffect> Effects { get; } = [];

    /// <summary>What the store makes of a commit; null: it never answers.</summary>
    public Func<CommitGroup, RunInput?> Store { get; set; } = _ => new RunInput.Committed(null);

    /// <summary>What a worker makes of its leases; null: it never answers.</summary>
    public Dictionary<string, Func<RunLab, BlockLeased, RunInput?>> Workers { get; } = [];

    /// <summary>Gradients that workers have given and nobody has fetched yet.</summary>
    public Dictionary<BlobId, byte[]> Gradients { get; } = [];

    public IEnumerable<RunSnapshot> Snapshots => Of<RunEffect.Publish>().Select(publish => publish.Snapshot);

    public IEnumerable<JournalEntry> Journal => Of<RunEffect.Note>().Select(note => note.Entry);

    public IEnumerable<CommitGroup> Commits => Of<RunEffect.Commit>().Select(commit => commit.Group);

    /// <summary>Versions that workers may fetch at the moment, each as often as it is held.</summary>
    public int Offered => _offered.Values.Sum(offered => offered.Pins);

    public IEnumerable<T> Of<T>() where T : RunEffect => Effects.OfType<T>();

    public IEnumerable<T> Told<T>(string worker) => Of<RunEffect.ToWorker>().Where(tell => tell.Worker.Value == worker).Select(tell => tell.Message).OfType<T>();

    public IEnumerable<T> ToWorkforce<T>() => Of<RunEffect.ToWorkforce>().Select(tell => tell.Message).OfType<T>();

    public void Step(RunInput input)
    {
        (State, ImmutableArray<RunEffect> effects) = RunMachine.Step(State, input, Now);
        Carry(effects);
    }

    public void Ask(string worker, int lanes) => Step(new RunInput.Asked(new RequestBlocks(State.Setup.RunId, new WorkerId(worker), lanes, "direct")));

    /// <summary>A worker that does the same with every lease.</summary>
    public void Hire(string worker, int lanes, Func<RunLab, BlockLeased, RunInput?> behaviour)
    {
        Workers[worker] = behaviour;
        Ask(worker, lanes);
    }

    /// <summary>Lets workers and the store answer until nothing is left to answer, or nobody trains any more.</summary>
    public void Run()
    {
        while (_outcomes.Count + _leases.Count > 0)
        {
            if (_outcomes.TryDequeue(out RunInput? outcome))
            {
                Step(outcome);
            }
            else if (_leases.Dequeue() is var (worker, lease) && Workers.TryGetValue(worker.Value, out var behaviour) && behaviour(this, lease) is { } answer)
            {
                Step(answer);
            }
        }
    }

    /// <summary>Right, as every honest worker computes it; or its gradient scaled, which is finite and wrong.</summary>
    public static Func<RunLab, BlockLeased, RunInput?> Honest(string worker, float scale = 1) => (lab, lease) => new RunInput.Answered(lab.Compute(worker, lease, scale));

    /// <summary>What workers measure of the baselines in every episode.</summary>
    public static ImmutableArray<float> Baselines => [0.25f, 0.5f];

    public IBlockAnswer Compute(string worker, BlockLeased lease, float scale = 1)
    {
        ParameterVector theta = _offered[lease.Parameters].Parameters;
        if (lease.Lease.Round.Kind == RoundKind.Evaluation)
        {
            return new BlockEvaluated(lease.Lease, new WorkerId(worker), [.. lease.Episodes.Select(episode => new EvaluatedEpisode(FakeEpisodeLearner.Measure(theta, episode, lease.InnerSteps).Last, lease.WithBaselines ? Baselines : []))]);
        }

        BlockGradient result = FakeEpisodeLearner.Compute(theta, lease.Block);
        byte[] bytes = new ParameterVector(theta.Layout, [.. result.GradientSum.Values.ToArray().Select(value => scale * value)]).Bytes.ToArray();
        BlobId gradient = BlobStore.IdOf(bytes);
        Gradients[gradient] = bytes;
        return new BlockAdapted(lease.Lease, new WorkerId(worker), lease.Parameters, theta.Layout.Digest, result.Episodes, gradient, $"holder of {worker}");
    }

    private void Carry(ImmutableArray<RunEffect> effects)
    {
        Effects.AddRange(effects);
        foreach (RunEffect effect in effects)
        {
            switch (effect)
            {
                case RunEffect.ToWorker { Message: BlockLeased lease } tell:
                    Assert.True(_offered.ContainsKey(lease.Parameters), "a lease names parameters that nobody can fetch");
                    _leases.Enqueue((tell.Worker, lease));
                    break;
                case RunEffect.Offer offer:
                    BlobId offered = BlobStore.IdOf(offer.Parameters.Bytes);
                    _offered[offered] = (offer.Parameters, _offered.GetValueOrDefault(offered).Pins + 1);
                    break;
                case RunEffect.Withdraw withdraw:
                    (ParameterVector parameters, int pins) = _offered[withdraw.Parameters];
                    _ = pins > 1 ? _offered[withdraw.Parameters] = (parameters, pins - 1) : (null!, _offered.Remove(withdraw.Parameters) ? 0 : 0);
                    break;
                case RunEffect.FetchGradient fetch when Gradients.Remove(fetch.Gradient, out byte[]? bytes):
                    _outcomes.Enqueue(new RunInput.GradientFetched(fetch.Gradient, bytes));
                    break;
                case RunEffect.Commit commit when Store(commit.Group) is { } outcome:
                    _outcomes.Enqueue(outcome);
                    break;
                case RunEffect.Release:
                    _outcomes.Enqueue(new RunInput.Released(null));
                    break;
                case RunEffect.ExportDiverged export:
                    _outcomes.Enqueue(new RunInput.DivergedExported(export.Error.Message));
                    break;
                default:
                    break;
            }
        }
    }
}
