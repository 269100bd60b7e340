using MetaMap.Core.Configuration;
using MetaMap.Learning.Algorithms.Inner;

namespace MetaMap.Learning.Algorithms;

/// <summary>Options of <see cref="Cavia"/>; the number of context parameters is that of its map's columns.</summary>
/// <param name="InnerLearningRate">Rate of the inner loop under a mean loss, 0 or more.</param>
/// <param name="InnerSteps">Inner steps in training, 0 or more.</param>
public sealed record CaviaOptions(double InnerLearningRate, int InnerSteps) : InnerLoopOptions(InnerLearningRate, InnerSteps)
{
    /// <summary>The options of a run.</summary>
    /// <param name="options">Resolved.</param>
    public static CaviaOptions From(RunOptions options) =>
        Complete(new CaviaOptions(options.InnerLr!.Value, options.InnerSteps!.Value), options);
}
