using System.Collections.Immutable;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Runs.Board;

/// <summary>What everybody may know of a run after its newest commit. Immutable.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Options">What it trains.</param>
/// <param name="Shape">What the data is like.</param>
/// <param name="State">Newest committed state.</param>
/// <param name="Metrics">Of the newest commit; null before the first.</param>
/// <param name="EpisodesPerSecond">Over the commits since the run was (re)started here.</param>
/// <param name="Results">Block results by verdict.</param>
/// <param name="LastRefusal">Why the newest refused result was refused.</param>
/// <param name="Directory">Where the run is stored, for people.</param>
/// <param name="Problem">Why it failed, or what degrades it; for people.</param>
public sealed record RunSnapshot(
    RunId RunId, RunStatus Status, RunOptions Options, TaskShape Shape, MetaState State, IterationMetrics? Metrics,
    double EpisodesPerSecond, ImmutableSortedDictionary<string, long> Results, string? LastRefusal, string Directory, string? Problem)
{
    /// <summary>The claim under which it is trained.</summary>
    public long Epoch { get; init; }

    /// <summary>What happened since the run was (re)started here, in numbers.</summary>
    public RunCounters Counters { get; init; } = new();

    /// <summary>Workers whose results were disproved, and why.</summary>
    public ImmutableSortedDictionary<string, string> ExcludedWorkers { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>What training waits for, for people; null when it goes on.</summary>
    public string? Waiting { get; init; }

    /// <summary>The newest measurement on the validation classes since the run was (re)started here.</summary>
    public ValidationMetrics? Validation { get; init; }

    /// <summary>The current meta-model; of a finished run with validation the best one.</summary>
    public ModelFile Model => Status == RunStatus.Finished && State.Selection is { } selection
        ? new(RunId.Value, selection.BestIteration, Options, Shape, selection.BestParameters)
        : new(RunId.Value, State.Iteration, Options, Shape, State.Parameters);

    /// <summary>True when training ended before its last iteration because validation did not become better.</summary>
    public bool IsStoppedEarly => Status == RunStatus.Finished && State.Iteration < Options.Iterations;

    /// <summary>True when no further commit will come by itself.</summary>
    public bool IsOver => Status is RunStatus.Finished or RunStatus.Stopped or RunStatus.Failed;
}
