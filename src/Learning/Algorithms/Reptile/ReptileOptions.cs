using MetaMap.Core.Configuration;
using MetaMap.Learning.Algorithms.Inner;

namespace MetaMap.Learning.Algorithms;

/// <summary>Options of <see cref="Reptile"/>.</summary>
/// <param name="InnerLearningRate">Rate of the inner loop under a mean loss, 0 or more.</param>
/// <param name="InnerSteps">Inner steps in training, 0 or more.</param>
/// <param name="InnerBatch">Examples per inner step, 1 or more; null for all.</param>
public sealed record ReptileOptions(double InnerLearningRate, int InnerSteps, int? InnerBatch) : InnerLoopOptions(InnerLearningRate, InnerSteps)
{
    /// <summary>The options of a run.</summary>
    /// <param name="options">Resolved.</param>
    public static ReptileOptions From(RunOptions options) =>
        Complete(new ReptileOptions(options.InnerLr!.Value, options.InnerSteps!.Value, options.InnerBatch), options);
}
