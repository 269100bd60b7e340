using System.Collections.Immutable;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Training;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>Where a run stands.</summary>
public enum RunStatus
{
    /// <summary>Iterations are being computed (or wait for workers).</summary>
    Training,

    /// <summary>All iterations are committed.</summary>
    Finished,

    /// <summary>Stopped by a person; can be resumed.</summary>
    Stopped,

    /// <summary>Cannot go on; <see cref="RunSnapshot.Problem"/> says why.</summary>
    Failed,
}

/// <summary>What everybody may know of a run after its newest commit. Immutable.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Options">What it trains.</param>
/// <param name="Image">Shape of its images.</param>
/// <param name="State">Newest committed state.</param>
/// <param name="Metrics">Of the newest commit; null before the first.</param>
/// <param name="EpisodesPerSecond">Over the commits since the run was (re)started here.</param>
/// <param name="Results">Block results by verdict.</param>
/// <param name="LastRefusal">Why the newest refused result was refused.</param>
/// <param name="Directory">Where the run is stored.</param>
/// <param name="Problem">Why it failed, or what degrades it; for people.</param>
public sealed record RunSnapshot(
    RunId RunId, RunStatus Status, RunOptions Options, ImageShape Image, MetaState State, IterationMetrics? Metrics,
    double EpisodesPerSecond, ImmutableSortedDictionary<string, long> Results, string? LastRefusal, string Directory, string? Problem)
{
    /// <summary>The current meta-model.</summary>
    public ModelFile Model => new(RunId.Value, State.Iteration, Options, Image, State.Parameters);

    /// <summary>True when no further commit will come by itself.</summary>
    public bool IsOver => Status != RunStatus.Training;
}
