using MetaMap.Core;

namespace MetaMap.Training.Loop;

/// <summary>Training cannot go on; the last good version is kept.</summary>
public sealed class DivergedException : ReadableException
{
    /// <summary>Creates the error.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="iteration">The iteration that could not be committed, or begun.</param>
    /// <param name="reason">Why.</param>
    /// <param name="advice">What to do, in one sentence.</param>
    /// <param name="episodeIndex">The episode to look at; null when there is none.</param>
    /// <param name="isNumeric">Numbers are to blame; otherwise it is what blocks failed of.</param>
    public DivergedException(string runId, int iteration, string reason, string advice, int? episodeIndex = null, bool isNumeric = true)
        : base($"Run {runId} {(isNumeric ? "diverged" : "failed")} at iteration {iteration}: {reason}; the model of iteration {iteration - 1} is kept. {advice}")
    {
        Iteration = iteration;
        EpisodeIndex = episodeIndex;
    }

    /// <summary>The iteration that could not be committed, or begun.</summary>
    public int Iteration { get; }

    /// <summary>The episode to look at; null when there is none.</summary>
    public int? EpisodeIndex { get; }
}
