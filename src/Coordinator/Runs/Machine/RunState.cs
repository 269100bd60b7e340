using System.Collections.Immutable;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>What stays the same of a run from its claim to its end here.</summary>
/// <param name="Training">Its mathematics.</param>
/// <param name="Start">The state to go on from.</param>
/// <param name="Epoch">The claim.</param>
internal sealed record RunSetup(MetaTraining Training, MetaState Start, long Epoch)
{
    /// <summary>How it shares the cluster.</summary>
    public RunPolicy Sharing { get; init; } = RunPolicy.Default;

    /// <summary>When blocks are leased again.</summary>
    public LeasePolicy Leases { get; init; } = LeasePolicy.Default;

    /// <summary>The longest pause between two commits, and the pause between two exports of the model file.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where workers fetch parameters.</summary>
    public string Holder { get; init; } = "";

    /// <summary>Where the run is stored, for people.</summary>
    public string Location { get; init; } = "";

    /// <summary>The machine that claimed it, for people.</summary>
    public string Node { get; init; } = "";

    /// <summary>Which damaged states were passed over; null when none was.</summary>
    public string? Ignored { get; init; }

    /// <summary>The run.</summary>
    public RunId RunId => new(Training.RunId);
}

/// <summary>How far a run is on its way to its end here. A closed set.</summary>
internal abstract record RunStage
{
    private RunStage()
    {
    }

    /// <summary>Blocks are leased and counted.</summary>
    public sealed record Training : RunStage;

    /// <summary>No block counts any more, and the episode to blame is being written.</summary>
    public sealed record Diverging : RunStage;

    /// <summary>What is complete is being committed, then the run is given back.</summary>
    /// <param name="Status">Where it is to stand.</param>
    /// <param name="Reason">Why it failed, or null.</param>
    /// <param name="FailedCommits">Commits that have failed since it began to end.</param>
    public sealed record Ending(RunStatus Status, string? Reason, int FailedCommits) : RunStage;

    /// <summary>It is given back, or another coordinator's.</summary>
    public sealed record Over : RunStage;
}

/// <summary>What is durable of a run, which is what the world is shown.</summary>
/// <param name="State">The newest durable state.</param>
/// <param name="Metrics">Of the newest iteration that was committed here.</param>
/// <param name="Validation">The newest measurement on the validation classes here.</param>
/// <param name="Episodes">Episodes that were committed here.</param>
internal sealed record DurableRun(MetaState State, IterationMetrics? Metrics = null, ValidationMetrics? Validation = null, long Episodes = 0)
{
    /// <summary>One more iteration or measurement is durable.</summary>
    public DurableRun After(CommitStep step) => this with
    {
        Metrics = step.Metrics ?? Metrics, Validation = step.Validation ?? Validation, Episodes = Episodes + (step.Metrics?.CountedEpisodes ?? 0),
    };
}

/// <summary>A run in training as one immutable value.</summary>
/// <param name="Setup">What stays the same.</param>
/// <param name="Stage">How far it is on its way to its end here.</param>
/// <param name="Progress">The newest state, the open round, and who works for it.</param>
/// <param name="Commits">What is on its way to the store.</param>
/// <param name="Evaluations">What is measured, the first one at the moment.</param>
/// <param name="Durable">What the world is shown.</param>
/// <param name="Started">When it began here.</param>
internal sealed record RunState(
    RunSetup Setup, RunStage Stage, RunProgress Progress, CommitQueue Commits, RunEvaluations Evaluations, DurableRun Durable, TimeSpan Started)
{
    /// <summary>Results that wait for their gradient, in the order of arrival.</summary>
    public ImmutableDictionary<BlobId, ImmutableList<BlockAdapted>> Unfetched { get; init; } = ImmutableDictionary<BlobId, ImmutableList<BlockAdapted>>.Empty;

    /// <summary>Workers that the journal has named since they came.</summary>
    public ImmutableHashSet<WorkerId> Joined { get; init; } = [];

    /// <summary>What training is shown to wait for; null when it goes on.</summary>
    public string? Waiting { get; init; }

    /// <summary>What degrades the run: the store does not work. Null when nothing does.</summary>
    public string? Problem { get; init; }

    /// <summary>True while a sign of life is on its way to the store.</summary>
    public bool IsRenewing { get; init; }

    /// <summary>A run that begins.</summary>
    public static RunState Of(RunSetup setup, TimeSpan now)
    {
        RunProgress progress = RunProgress.From(setup.Training, setup.Start, setup.Leases, setup.Sharing);
        return new RunState(
            setup, new RunStage.Training(), progress, new CommitQueue(setup.LongestPause, now), RunEvaluations.Of(setup.Epoch), new DurableRun(setup.Start), now)
        {
            Waiting = progress.Waiting,
        };
    }

    /// <summary>The newest model; the best one of a run that is finished and knows it.</summary>
    public ModelFile Model(bool isLast)
    {
        MetaState state = Progress.State;
        MetaTraining training = Setup.Training;
        return isLast && Progress.IsFinished && state.Selection is { } selection
            ? new(training.RunId, selection.BestIteration, training.Options, training.Shape, selection.BestParameters)
            : new(training.RunId, state.Iteration, training.Options, training.Shape, state.Parameters);
    }

    /// <summary>What the world may know now.</summary>
    public RunSnapshot Snapshot(RunStatus status, string? reason, TimeSpan now)
    {
        double seconds = (now - Started).TotalSeconds;
        return new RunSnapshot(
            Setup.RunId, status, Setup.Training.Options, Setup.Training.Shape, Durable.State, Durable.Metrics,
            seconds > 0 ? Durable.Episodes / seconds : 0, Progress.Results, Progress.LastRefusal, Setup.Location, reason ?? Problem)
        {
            Validation = Durable.Validation, Epoch = Setup.Epoch, Counters = Progress.Counters, ExcludedWorkers = Progress.Round.ExcludedWorkers,
            Waiting = status == RunStatus.Training ? Waiting : null,
        };
    }
}
