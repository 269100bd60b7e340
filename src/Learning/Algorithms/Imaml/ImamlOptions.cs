using MetaMap.Core.Configuration;
using MetaMap.Learning.Algorithms.Inner;

namespace MetaMap.Learning.Algorithms;

/// <summary>Options of <see cref="Imaml"/>.</summary>
/// <param name="InnerLearningRate">Rate of the inner loop under a mean loss, 0 or more.</param>
/// <param name="InnerSteps">Inner steps in training, 0 or more.</param>
/// <param name="ProximalStrength">Lambda, above 0.</param>
/// <param name="CgSteps">Conjugate-gradient steps at most, 1 or more.</param>
public sealed record ImamlOptions(double InnerLearningRate, int InnerSteps, double ProximalStrength, int CgSteps)
    : InnerLoopOptions(InnerLearningRate, InnerSteps)
{
    /// <summary>The options of a run.</summary>
    /// <param name="options">Resolved.</param>
    public static ImamlOptions From(RunOptions options) => Complete(
        new ImamlOptions(options.InnerLr!.Value, options.InnerSteps!.Value, options.ProximalStrength!.Value, options.CgSteps!.Value), options);
}
