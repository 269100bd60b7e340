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
/// <param name="Tasks">Number of different tasks among the episodes, which the intervals are over (<see cref="EpisodeTasks"/>).</param>
/// <param name="Baselines">What the baselines of the run's data achieve on the same episodes; empty where they were not asked for.</param>
/// <param name="Examples">Examples that were measured, each once, by a supervised evaluation, whose intervals are over examples; 0 where episodes were.</param>
public sealed record EvaluationResult(
    int InnerSteps, int Episodes, MeanWithInterval QueryLoss, MeanWithInterval TransductiveAccuracyFraction,
    MeanWithInterval InductiveQueryLoss, MeanWithInterval InductiveAccuracyFraction, int Tasks, ImmutableArray<BaselineResult> Baselines, int Examples = 0)
{
    /// <summary>True when every mean is a number: adaptation has not diverged in any episode.</summary>
    public bool IsFinite => double.IsFinite(QueryLoss.Mean) && double.IsFinite(InductiveQueryLoss.Mean);

    /// <summary>Summarises episodes, in their order.</summary>
    /// <param name="episodes">One or more, all measured after the same inner steps.</param>
    /// <param name="baselines">Names of the baselines; those that were not measured with every episode have no result.</param>
    /// <param name="tasks">Which of them are of the same task; null when each is of another one.</param>
    public static EvaluationResult Of(IReadOnlyList<EvaluatedEpisode> episodes, ImmutableArray<string> baselines, EpisodeTasks? tasks = null)
    {
        EpisodeTasks known = tasks ?? EpisodeTasks.Distinct(episodes.Count);
        Func<IReadOnlyList<double>, EpisodeTasks, MeanWithInterval> ofLosses = known.Slices.Count > 0 ? ExampleMeans.OfLosses : MeanWithInterval.Of;
        Func<IReadOnlyList<double>, EpisodeTasks, MeanWithInterval> ofShares = known.Slices.Count > 0 ? ExampleMeans.OfShares : MeanWithInterval.Of;
        return new EvaluationResult(
            episodes[0].Model.InnerSteps, episodes.Count, ofLosses(Each(episode => episode.Model.QueryLoss), known), ofShares(Each(episode => episode.Model.TransductiveAccuracyFraction), known),
            ofLosses(Each(episode => episode.Model.InductiveQueryLoss), known), ofShares(Each(episode => episode.Model.InductiveAccuracyFraction), known), known.Count,
            [.. baselines.Take(episodes.Min(episode => episode.Baselines.Length)).Select((name, i) => new BaselineResult(name, ofLosses(Each(episode => episode.Baselines[i]), known)))], known.Slices.Sum());

        double[] Each(Func<EvaluatedEpisode, float> measure) => [.. episodes.Select(episode => (double)measure(episode))];
    }

    /// <summary>Summarises episodes without baselines, in their order.</summary>
    /// <param name="episodes">One or more, all measured after the same inner steps.</param>
    /// <param name="tasks">Which of them are of the same task; null when each is of another one.</param>
    public static EvaluationResult Of(IReadOnlyList<StepEvaluation> episodes, EpisodeTasks? tasks = null) =>
        Of([.. episodes.Select(episode => new EvaluatedEpisode(episode, []))], [], tasks);

    /// <summary>Summarises every measured inner step of episodes, in their order.</summary>
    /// <param name="episodes">One or more, all measured after the same inner steps.</param>
    /// <param name="baselines">Names of the baselines that were measured with each episode.</param>
    /// <param name="tasks">Which of them are of the same task; null when each is of another one.</param>
    public static ImmutableArray<EvaluationResult> OfSteps(
        IReadOnlyList<EpisodeEvaluation> episodes, ImmutableArray<string> baselines, EpisodeTasks? tasks = null) =>
    [
        .. Enumerable.Range(0, episodes[0].Steps.Length).Select(step =>
            Of([.. episodes.Select(episode => new EvaluatedEpisode(episode.Steps[step], episode.Baselines))], baselines, tasks)),
    ];

    /// <summary>What to say of a result that is not finite.</summary>
    /// <param name="model">Names the model.</param>
    /// <param name="part">What it was measured on.</param>
    public string Divergence(string model, string part) =>
        $"{model} diverges where it adapts to {part} episodes: after {InnerSteps} inner steps the loss is not finite. "
        + "Measure fewer inner steps, or train with a smaller --inner-lr, or with --inner-clip 1.";

    /// <summary>Equal when every figure is equal.</summary>
    public bool Equals(EvaluationResult? other) =>
        other is not null && InnerSteps == other.InnerSteps && Episodes == other.Episodes && QueryLoss == other.QueryLoss
        && TransductiveAccuracyFraction == other.TransductiveAccuracyFraction && InductiveQueryLoss == other.InductiveQueryLoss
        && InductiveAccuracyFraction == other.InductiveAccuracyFraction && Tasks == other.Tasks && Examples == other.Examples && Baselines.SequenceEqual(other.Baselines);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(InnerSteps, Episodes, QueryLoss, TransductiveAccuracyFraction);
}

/// <summary>A mean over episodes with its 95% confidence interval.</summary>
/// <param name="Mean">Arithmetic mean.</param>
/// <param name="HalfWidth95">Half of the interval; NaN when all episodes are of one task.</param>
public readonly record struct MeanWithInterval(double Mean, double HalfWidth95)
{
    /// <summary>Mean and interval of one value or more, summed in order, each of another task.</summary>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static MeanWithInterval Of(IReadOnlyList<double> values) => Of(values, EpisodeTasks.Distinct(values.Count));

    /// <summary>
    /// Mean and interval of one value or more, summed in order. The interval is over the tasks: with S_j the sum over task j of the differences to the
    /// mean, t · sqrt(J / (J - 1) · sum of S_j^2) / n, where t is Student's for J - 1 degrees of freedom (the cluster-robust variance of Liang and
    /// Zeger 1986). With one value a task it is t · s / sqrt(n), with the sample standard deviation s.
    /// </summary>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static MeanWithInterval Of(IReadOnlyList<double> values, EpisodeTasks tasks)
    {
        if (values.Count == 0)
        {
            throw new ArgumentException("A mean needs at least one value.", nameof(values));
        }

        double mean = values.Sum() / values.Count;
        if (tasks.Count == 1)
        {
            return new MeanWithInterval(mean, double.NaN);
        }

        double[] sums = new double[tasks.Count];
        for (int i = 0; i < values.Count; i++)
        {
            sums[tasks.OfEpisode[i]] += values[i] - mean;
        }

        double squares = sums.Sum(sum => sum * sum) * tasks.Count / (tasks.Count - 1);
        return new MeanWithInterval(mean, StudentT.Quantile975(tasks.Count - 1) * Math.Sqrt(squares) / values.Count);
    }
}
