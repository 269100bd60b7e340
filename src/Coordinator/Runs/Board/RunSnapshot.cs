using System.Collections.Immutable;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Board;

/// <summary>The public state of a run after its latest commit. Immutable.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Status">Its status.</param>
/// <param name="Options">Its options.</param>
/// <param name="Shape">The shape of the data.</param>
/// <param name="State">Latest committed state.</param>
/// <param name="Metrics">Measures of the latest commit; null before the first.</param>
/// <param name="EpisodesPerSecond">Episodes per second, over the commits since the run was (re)started here, without the time in which it waited for workers.</param>
/// <param name="Results">Block results by verdict.</param>
/// <param name="LastRefusal">Why the latest refused result was refused.</param>
/// <param name="Directory">Where the run is stored, for information.</param>
/// <param name="Problem">Why it failed, or what degrades it, in readable words.</param>
public sealed record RunSnapshot(
    RunId RunId, RunStatus Status, RunOptions Options, TaskShape Shape, MetaState State, IterationMetrics? Metrics,
    double EpisodesPerSecond, ImmutableSortedDictionary<BlockVerdict, long> Results, string? LastRefusal, string Directory, string? Problem)
{
    /// <summary>The data that it is trained on.</summary>
    public TrainingData? Data { get; init; }

    /// <summary>What it names in each node's folder of data; null for all of it.</summary>
    public string? DataPath { get; init; }

    /// <summary>The claim under which it is trained.</summary>
    public long Epoch { get; init; }

    /// <summary>What happened since the run was (re)started here, in numbers.</summary>
    public RunCounters Counters { get; init; } = new();

    /// <summary>Workers whose results were disproved, and why.</summary>
    public ImmutableSortedDictionary<string, string> ExcludedWorkers { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>What training waits for, in readable words; null when it goes on.</summary>
    public string? Waiting { get; init; }

    /// <summary>The latest measurement on the validation classes since the run was (re)started here.</summary>
    public ValidationMetrics? Validation { get; init; }

    /// <summary>The current meta-model; the best one if the run is finished and has validation.</summary>
    public ModelFile Model => ModelFile.Of(RunId.Value, Options, Shape, Data, State, isFinal: Status == RunStatus.Finished);

    /// <summary>True when training ended before its last iteration because validation no longer improved.</summary>
    public bool IsStoppedEarly => Status == RunStatus.Finished && State.Iteration < Options.Iterations;

    /// <summary>True when no further commit will come by itself.</summary>
    public bool IsOver => Status is RunStatus.Finished or RunStatus.Stopped or RunStatus.Failed;
}
