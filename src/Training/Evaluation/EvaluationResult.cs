using System.Collections.Immutable;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Evaluation;

/// <summary>The result of an evaluation: means over its episodes after some inner steps.</summary>
/// <param name="InnerSteps">How many.</param>
/// <param name="Episodes">Number of episodes, 1 or more.</param>
/// <param name="QueryLoss">Transductive (mean cross-entropy, or mean squared error for regression).</param>
/// <param name="TransductiveAccuracyFraction">0 to 1; 0 for regression.</param>
/// <param name="InductiveQueryLoss">Inductive.</param>
/// <param name="InductiveAccuracyFraction">0 to 1; 0 for regression.</param>
/// <param name="Baselines">What the baselines of the run's data achieve on the same episodes; empty where they were not asked for.</param>
public sealed record EvaluationResult(
    int InnerSteps, int Episodes, MeanWithInterval QueryLoss, MeanWithInterval TransductiveAccuracyFraction,
    MeanWithInterval InductiveQueryLoss, MeanWithInterval InductiveAccuracyFraction, ImmutableArray<BaselineResult> Baselines)
{
    /// <summary>Summarises episodes, in their order.</summary>
    /// <param name="episodes">One or more, all measured after the same inner steps.</param>
    /// <param name="baselines">Names of the baselines; those that were not measured with every episode have no result.</param>
    public static EvaluationResult Of(IReadOnlyList<EvaluatedEpisode> episodes, ImmutableArray<string> baselines)
    {
        return new EvaluationResult(
            episodes[0].Model.InnerSteps, episodes.Count, Mean(episode => episode.Model.QueryLoss), Mean(episode => episode.Model.TransductiveAccuracyFraction),
            Mean(episode => episode.Model.InductiveQueryLoss), Mean(episode => episode.Model.InductiveAccuracyFraction),
            [.. baselines.Take(episodes.Min(episode => episode.Baselines.Length)).Select((name, i) => new BaselineResult(name, Mean(episode => episode.Baselines[i])))]);

        MeanWithInterval Mean(Func<EvaluatedEpisode, float> measure) => MeanWithInterval.Of([.. episodes.Select(episode => (double)measure(episode))]);
    }

    /// <summary>Summarises episodes without baselines, in their order.</summary>
    /// <param name="episodes">One or more, all measured after the same inner steps.</param>
    public static EvaluationResult Of(IEnumerable<StepEvaluation> episodes) => Of([.. episodes.Select(episode => new EvaluatedEpisode(episode, []))], []);

    /// <summary>Summarises every measured inner step of episodes, in their order.</summary>
    /// <param name="episodes">One or more, all measured after the same inner steps.</param>
    /// <param name="baselines">Names of the baselines that were measured with each episode.</param>
    public static ImmutableArray<EvaluationResult> OfSteps(IReadOnlyList<EpisodeEvaluation> episodes, ImmutableArray<string> baselines) =>
        [.. Enumerable.Range(0, episodes[0].Steps.Length).Select(step => Of([.. episodes.Select(episode => new EvaluatedEpisode(episode.Steps[step], episode.Baselines))], baselines))];

    /// <summary>Equal when every figure is equal.</summary>
    public bool Equals(EvaluationResult? other) =>
        other is not null && InnerSteps == other.InnerSteps && Episodes == other.Episodes && QueryLoss == other.QueryLoss
        && TransductiveAccuracyFraction == other.TransductiveAccuracyFraction && InductiveQueryLoss == other.InductiveQueryLoss
        && InductiveAccuracyFraction == other.InductiveAccuracyFraction && Baselines.SequenceEqual(other.Baselines);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(InnerSteps, Episodes, QueryLoss, TransductiveAccuracyFraction);
}

/// <summary>A mean with its 95% confidence interval under the normal approximation.</summary>
/// <param name="Mean">Arithmetic mean.</param>
/// <param name="HalfWidth95">1.96 · s / sqrt(n) with the sample standard deviation s (n - 1); NaN when n is 1.</param>
public readonly record struct MeanWithInterval(double Mean, double HalfWidth95)
{
    /// <summary>Mean and interval of one value or more, summed in order.</summary>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static MeanWithInterval Of(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
        {
            throw new ArgumentException("A mean needs at least one value.", nameof(values));
        }

        double mean = values.Sum() / values.Count;
        if (values.Count == 1)
        {
            return new MeanWithInterval(mean, double.NaN);
        }

        double variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
        return new MeanWithInterval(mean, 1.96 * Math.Sqrt(variance / values.Count));
    }
}
