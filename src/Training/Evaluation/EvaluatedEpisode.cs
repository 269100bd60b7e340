using System.Collections.Immutable;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Evaluation;

/// <summary>What an evaluation measures of one episode.</summary>
/// <param name="Model">The model after some inner steps.</param>
/// <param name="Baselines">The baselines of the run's data, in their order; empty where they are not asked for.</param>
public sealed record EvaluatedEpisode(StepEvaluation Model, ImmutableArray<float> Baselines)
{
    /// <summary>Equal when every measure is equal.</summary>
    public bool Equals(EvaluatedEpisode? other) =>
        other is not null && Model == other.Model && Baselines.AsSpan().SequenceEqual(other.Baselines.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Model, Baselines.Length);
}
