using MetaMap.Core.Configuration;
using MetaMap.Learning.Algorithms.Inner;

namespace MetaMap.Learning.Algorithms;

/// <summary>Options of <see cref="Boil"/>.</summary>
/// <param name="InnerLearningRate">Rate of the inner loop under a mean loss, 0 or more.</param>
/// <param name="InnerSteps">Inner steps in training, 0 or more.</param>
public sealed record BoilOptions(double InnerLearningRate, int InnerSteps) : InnerLoopOptions(InnerLearningRate, InnerSteps)
{
    /// <summary>The options of a run.</summary>
    /// <param name="options">Resolved.</param>
    public static BoilOptions From(RunOptions options) =>
        Complete(new BoilOptions(options.InnerLr!.Value, options.InnerSteps!.Value), options);
}
