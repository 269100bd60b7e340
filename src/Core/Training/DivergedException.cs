namespace MetaMap.Core.Training;

/// <summary>Training cannot go on: the last good version stays.</summary>
public sealed class DivergedException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="iteration">The iteration that could not be committed.</param>
    /// <param name="reason">Why.</param>
    /// <param name="episodeIndex">The first episode with a loss that is not finite; null when there is none.</param>
    public DivergedException(string runId, int iteration, string reason, int? episodeIndex = null)
        : base($"Run {runId} diverged at iteration {iteration}: {reason}{(episodeIndex is null ? "" : $", the first in episode {episodeIndex}")}; the model of iteration {iteration - 1} is kept. Try a smaller --inner-lr or --meta-lr.")
    {
        Iteration = iteration;
        EpisodeIndex = episodeIndex;
    }

    /// <summary>The iteration that could not be committed.</summary>
    public int Iteration { get; }

    /// <summary>The first episode with a loss that is not finite; null when there is none.</summary>
    public int? EpisodeIndex { get; }
}
