using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Training.Optimization;
using MetaMap.Training.Rounds;

namespace MetaMap.Training.Loop;

/// <summary>All that training carries from one meta-iteration to the next.</summary>
/// <param name="Iteration">Iterations done.</param>
/// <param name="Parameters">The meta-parameters theta.</param>
/// <param name="Optimizer">State of the outer-loop optimiser.</param>
public sealed record MetaState(int Iteration, ParameterVector Parameters, OptimizerState Optimizer)
{
    /// <summary>The best version on the validation classes; null before the first measurement, and in runs without any.</summary>
    public ModelSelection? Selection { get; init; }
}

/// <summary>Measures of one meta-iteration.</summary>
/// <param name="Iteration">From 1.</param>
/// <param name="QueryLoss">Mean query loss (cross-entropy, or squared error for regression) over the counted episodes.</param>
/// <param name="QueryAccuracyFraction">Mean query accuracy over the counted episodes, 0 to 1; null for regression.</param>
/// <param name="MetaGradientNorm">Euclidean norm of the mean meta-gradient.</param>
/// <param name="CountedEpisodes">Episodes that counted.</param>
/// <param name="ExcludedEpisodes">Episodes of blocks in quarantine.</param>
public sealed record IterationMetrics(
    int Iteration, double QueryLoss, double? QueryAccuracyFraction, double MetaGradientNorm, int CountedEpisodes, int ExcludedEpisodes);

/// <summary>A step from a complete round.</summary>
/// <param name="State">The state after it.</param>
/// <param name="Metrics">Its measures.</param>
/// <param name="Quarantined">Blocks that did not count, in block order.</param>
public sealed record CompletedIteration(MetaState State, IterationMetrics Metrics, ImmutableArray<QuarantinedBlock> Quarantined)
{
    /// <summary>How long its blocks were judged and added; zero where nobody measures.</summary>
    public TimeSpan Reducing { get; init; }

    /// <summary>How long its step took after that; zero where nobody measures.</summary>
    public TimeSpan Stepping { get; init; }

    /// <summary>Without the quarantine.</summary>
    public void Deconstruct(out MetaState state, out IterationMetrics metrics) => (state, metrics) = (State, Metrics);
}
