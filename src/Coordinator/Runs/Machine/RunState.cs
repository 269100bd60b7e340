using System.Collections.Immutable;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>The part of a run that stays the same from its claim to its end on this node.</summary>
/// <param name="Training">Its mathematics.</param>
/// <param name="Start">The state to continue from.</param>
/// <param name="Epoch">The epoch of the claim.</param>
internal sealed record RunSetup(MetaTraining Training, MetaState Start, long Epoch)
{
    /// <summary>How it shares the cluster.</summary>
    public RunPolicy Sharing { get; init; } = RunPolicy.Default;

    /// <summary>What it names in each node's folder of data; null for all of it.</summary>
    public string? DataPath { get; init; }

    /// <summary>When blocks are leased again.</summary>
    public LeasePolicy Leases { get; init; } = LeasePolicy.Default;

    /// <summary>The longest pause between two commits, and the pause between two exports of the model file.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Which versions stay stored.</summary>
    public KeptVersions Kept { get; init; } = KeptVersions.Default;

    /// <summary>Where workers fetch parameters.</summary>
    public string Holder { get; init; } = "";

    /// <summary>Where the run is stored, for information.</summary>
    public string Location { get; init; } = "";

    /// <summary>The machine that claimed it, for information.</summary>
    public string Node { get; init; } = "";

    /// <summary>Which damaged states were skipped; null when none was.</summary>
    public string? Ignored { get; init; }

    /// <summary>Workers of the node that can be reached when it begins; the workforce says more.</summary>
    public int Workers { get; init; }

    /// <summary>The run.</summary>
    public RunId RunId => new(Training.RunId);
}

/// <summary>The stages of a run on this node. A closed set.</summary>
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
    /// <param name="Status">The status that it ends with.</param>
    /// <param name="Reason">Why it failed, or null.</param>
    /// <param name="FailedCommits">Number of commits that have failed since it began to end.</param>
    public sealed record Ending(RunStatus Status, string? Reason, int FailedCommits) : RunStage;

    /// <summary>It has been given back, or belongs to another coordinator.</summary>
    public sealed record Over : RunStage;
}

/// <summary>The durable part of a run, which is what is published.</summary>
/// <param name="State">The latest durable state.</param>
/// <param name="Metrics">Measures of the latest iteration that was committed here.</param>
/// <param name="Validation">The latest measurement on the validation classes here.</param>
/// <param name="Episodes">Number of episodes that were committed here.</param>
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
/// <param name="Stage">Its stage on this node.</param>
/// <param name="Progress">The latest state, the open round, and its workers.</param>
/// <param name="Commits">What is on its way to the store.</param>
/// <param name="Evaluations">The evaluations; the first one is in progress.</param>
/// <param name="Durable">What is published.</param>
/// <param name="Started">When it began here.</param>
internal sealed record RunState(
    RunSetup Setup, RunStage Stage, RunProgress Progress, CommitQueue Commits, RunEvaluations Evaluations, DurableRun Durable, TimeSpan Started)
{
    /// <summary>Results that wait for their gradient, in the order of arrival.</summary>
    public ImmutableDictionary<BlobId, ImmutableList<BlockAdapted>> Unfetched { get; init; } = ImmutableDictionary<BlobId, ImmutableList<BlockAdapted>>.Empty;

    /// <summary>Workers that the journal has named since they joined.</summary>
    public ImmutableHashSet<WorkerId> Joined { get; init; } = [];

    /// <summary>The published reason why training waits; null when it goes on.</summary>
    public string? Waiting { get; init; }

    /// <summary>Since when it has waited without a break; null while it goes on.</summary>
    public TimeSpan? WaitingSince { get; private init; }

    /// <summary>How long it had waited before that.</summary>
    public TimeSpan Waited { get; private init; }

    /// <summary>What degrades the run, e.g. a store that does not work; null when nothing does.</summary>
    public string? Problem { get; init; }

    /// <summary>When the latest result of the open round came whose gradient was to be fetched.</summary>
    public TimeSpan AnsweredAt { get; init; }

    /// <summary>Since when all workers have declined the run because of its data; null while one has not.</summary>
    public TimeSpan? ForsakenSince { get; init; }

    /// <summary>True while a heartbeat is on its way to the store.</summary>
    public bool IsRenewing { get; init; }

    /// <summary>The state of a run that begins.</summary>
    public static RunState Of(RunSetup setup, TimeSpan now)
    {
        RunProgress progress = RunProgress.From(setup.Training, setup.Start, setup.Leases, setup.Sharing) with { Staff = new RunStaff(setup.Workers, []) };
        return new RunState(
            setup, new RunStage.Training(), progress, new CommitQueue(setup.LongestPause, now), RunEvaluations.Of(setup.Epoch), new DurableRun(setup.Start), now).Wait(progress.Waiting, now);
    }

    /// <summary>Waits for another reason from now on, or for none.</summary>
    public RunState Wait(string? reason, TimeSpan now) => this with
    {
        Waiting = reason,
        WaitingSince = reason is null ? null : WaitingSince ?? now,
        Waited = reason is null && WaitingSince is { } since ? Waited + (now - since) : Waited,
    };

    /// <summary>The latest model; the best one if the run is finished and has selected one.</summary>
    public ModelFile Model(bool isLast) => ModelFile.Of(
        Setup.Training.RunId, Setup.Training.Options, Setup.Training.Shape, Setup.Training.Data, Progress.State, isFinal: isLast && Progress.IsFinished);

    /// <summary>The snapshot to publish.</summary>
    public RunSnapshot Snapshot(RunStatus status, string? reason, TimeSpan now)
    {
        // Without workers it makes no progress, which says nothing of how fast it does with them.
        double seconds = ((WaitingSince ?? now) - Started - Waited).TotalSeconds;
        return new RunSnapshot(
            Setup.RunId, status, Setup.Training.Options, Setup.Training.Shape, Durable.State, Durable.Metrics,
            seconds > 0 ? Durable.Episodes / seconds : 0, Progress.Results, Progress.LastRefusal, Setup.Location, reason ?? Problem)
        {
            Data = Setup.Training.Data, DataPath = Setup.DataPath, Validation = Durable.Validation, Epoch = Setup.Epoch, Counters = Progress.Counters, ExcludedWorkers = Progress.Round.ExcludedWorkers,
            Waiting = status == RunStatus.Training ? Waiting : null,
        };
    }
}
