using MetaMap.Core.Parameters;
using MetaMap.Training.Episodes;

namespace MetaMap.Learning.Computations;

/// <summary>A way of computing episodes on a lane. The caller has a dispose scope open, and the parameters have the run's layout.</summary>
internal interface IEpisodeComputation : IDisposable
{
    /// <summary>Episodes computed at once, 1 or more.</summary>
    int EpisodesAtOnce { get; }

    /// <summary>The sum of the meta-gradients of a block's episodes, and the measures of each, in order.</summary>
    BlockGradient Differentiate(ParameterVector metaParameters, int iteration, EpisodeBlock block, CancellationToken cancellation);

    /// <summary>Adapts to an episode's support set and measures its query set, after the last inner step or after each.</summary>
    EpisodeEvaluation Evaluate(ParameterVector metaParameters, Episode episode, int innerSteps, bool everyStep);
}
