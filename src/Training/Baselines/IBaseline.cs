using MetaMap.Training.Episodes;

namespace MetaMap.Training.Baselines;

/// <summary>A method of a line or two that a meta-learned model must beat. Immutable once made, and safe for many threads.</summary>
internal interface IBaseline
{
    /// <summary>Measures the query set after looking at the support set.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="examples">Its content.</param>
    /// <returns>The share of queries labelled correctly, or the mean squared error of regression.</returns>
    double Measure(Episode episode, EpisodeExamples examples);
}
