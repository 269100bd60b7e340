using MetaMap.Core.Algorithms;
using MetaMap.Core.Configuration;

namespace MetaMap.Learning.Algorithms;

/// <summary>Options of <see cref="FeatureOffset"/>: those of one solver are in use.</summary>
/// <param name="Solver">One of <see cref="OffsetSolvers"/>.</param>
/// <param name="Ridge">Of the solver <c>closed-form</c>: holds the offset near zero, 0 or more.</param>
/// <param name="InnerLearningRate">Of the solver <c>gradient</c>: rate under a mean loss, 0 or more.</param>
/// <param name="InnerSteps">Of the solver <c>gradient</c>: inner steps in training, 0 or more.</param>
internal sealed record FeatureOffsetOptions(string Solver, double Ridge, double InnerLearningRate, int InnerSteps)
{
    /// <summary>The options of a run.</summary>
    /// <param name="options">Resolved.</param>
    public static FeatureOffsetOptions From(RunOptions options) =>
        new(options.OffsetSolver!, options.OffsetRidge ?? 0, options.InnerLr ?? 0, options.InnerSteps ?? 0);
}
