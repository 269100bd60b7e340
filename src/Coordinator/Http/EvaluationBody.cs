using System.Text.Json.Serialization;
using MetaMap.Training.Evaluation;

namespace MetaMap.Coordinator.Http;

/// <summary>Body of <c>POST /api/runs/{id}/evaluate</c>.</summary>
/// <param name="Episodes">Episodes, 1 or more; default 600.</param>
/// <param name="InnerSteps">Inner steps, 0 to 10,000; default: the run's.</param>
/// <param name="Part"><c>test</c> (default), <c>validation</c> or <c>train</c>.</param>
public sealed record EvaluateBody(int? Episodes, int? InnerSteps, string? Part);

/// <summary>What a simple method achieves on the episodes that a model is evaluated on.</summary>
/// <param name="Name">The method.</param>
/// <param name="Accuracy">Mean, 0 to 1; absent for regression.</param>
/// <param name="Mse">Mean squared error; absent for classification.</param>
/// <param name="Ci95">Half of the 95% interval of the mean.</param>
public sealed record BaselineBody(string Name, double? Accuracy, double? Mse, double? Ci95);

/// <summary>What a model achieves on episodes that it was not trained on. Accuracies are absent for regression, squared errors for classification.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Iteration">The model's version.</param>
/// <param name="ModelSha256">SHA-256 of all parameters.</param>
/// <param name="Part">Classes that the episodes are drawn from.</param>
/// <param name="InnerSteps">Inner steps per episode.</param>
/// <param name="TestAccuracy">Mean, transductive, 0 to 1.</param>
/// <param name="TestCi95">Half of the 95% interval of the mean accuracy, or squared error.</param>
/// <param name="TestAccuracyInductive">Mean, inductive, 0 to 1.</param>
/// <param name="TestCi95Inductive">Half of its 95% interval.</param>
/// <param name="TestMse">Mean squared error, transductive.</param>
/// <param name="TestMseInductive">Mean squared error, inductive; absent where the network has no batch statistics, and so no other value.</param>
/// <param name="TestEpisodes">Number of few-shot episodes; absent for a supervised model.</param>
/// <param name="TestLoss">Mean loss, transductive.</param>
/// <param name="Baselines">What simple methods achieve on the same episodes.</param>
public sealed record EvaluationBody(
    string RunId, int Iteration, string ModelSha256, string Part, int InnerSteps, double? TestAccuracy, double? TestCi95,
    double? TestAccuracyInductive, double? TestCi95Inductive, double? TestMse, double? TestMseInductive, int? TestEpisodes, double? TestLoss,
    IReadOnlyList<BaselineBody> Baselines)
{
    /// <summary>Different tasks among the episodes (sets of classes, or curves, users and tables): what the interval is over. Without an interval there is one. Absent for a supervised model.</summary>
    public int? TestTasks { get; init; }

    /// <summary>Number of examples that a supervised model was measured on, each once; absent for few-shot episodes.</summary>
    public int? TestExamples { get; init; }

    /// <summary>SHA-256 of the model file, where one was measured that stays.</summary>
    public string? FileSha256 { get; init; }

    /// <summary>True when there were values to predict instead of classes.</summary>
    [JsonIgnore]
    public bool IsRegression => TestAccuracy is null;

    /// <summary>The baseline that is better than the model, transductive, and best of all; null where the model is better than any.</summary>
    [JsonIgnore]
    public BaselineBody? Better => IsRegression
        ? Baselines.Where(baseline => baseline.Mse < (TestMse ?? double.PositiveInfinity)).MinBy(baseline => baseline.Mse)
        : Baselines.Where(baseline => baseline.Accuracy > TestAccuracy).MaxBy(baseline => baseline.Accuracy);

    /// <summary>Whether the model's interval ends before that of a baseline that is better on average; false where one has none.</summary>
    public bool IsClearlyBelow(BaselineBody better) => Math.Abs(Transductive.Mean - (better.Accuracy ?? better.Mse ?? double.NaN)) > (TestCi95 ?? double.NaN) + (better.Ci95 ?? double.NaN);

    /// <summary>The accuracy, or the squared error, transductive; NaN where JSON has no number.</summary>
    [JsonIgnore]
    public MeanWithInterval Transductive => new(TestAccuracy ?? TestMse ?? double.NaN, TestCi95 ?? double.NaN);

    /// <summary>The accuracy, or the squared error, inductive.</summary>
    [JsonIgnore]
    public MeanWithInterval Inductive => new(TestAccuracyInductive ?? TestMseInductive ?? double.NaN, TestCi95Inductive ?? double.NaN);

    /// <summary>Creates it from the result of an evaluation.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="iteration">The model's version.</param>
    /// <param name="modelSha256">SHA-256 of all parameters.</param>
    /// <param name="part">Classes that the episodes were drawn from.</param>
    /// <param name="isRegression">True when there are values to predict.</param>
    /// <param name="result">The result.</param>
    public static EvaluationBody From(string runId, int iteration, string modelSha256, string part, bool isRegression, EvaluationResult result)
    {
        MeanWithInterval transductive = isRegression ? result.QueryLoss : result.TransductiveAccuracyFraction;
        MeanWithInterval inductive = isRegression ? result.InductiveQueryLoss : result.InductiveAccuracyFraction;
        // Without batch norm the query set plays no part in what is predicted for one of its examples.
        bool isSupervised = result.Examples > 0;
        bool isOne = (isRegression || isSupervised) && transductive.Equals(inductive);
        return new EvaluationBody(
            runId, iteration, modelSha256, part, result.InnerSteps,
            isRegression ? null : transductive.Mean, Finite(transductive.HalfWidth95), isRegression || isOne ? null : inductive.Mean,
            isOne ? null : Finite(inductive.HalfWidth95), isRegression ? Finite(transductive.Mean) : null, isRegression && !isOne ? Finite(inductive.Mean) : null,
            isSupervised ? null : result.Episodes, Finite(result.QueryLoss.Mean),
            [
                .. result.Baselines.Select(baseline => new BaselineBody(
                    baseline.Name, isRegression ? null : baseline.Measure.Mean, isRegression ? Finite(baseline.Measure.Mean) : null,
                    Finite(baseline.Measure.HalfWidth95))),
            ]) { TestTasks = isSupervised ? null : result.Tasks, TestExamples = isSupervised ? result.Examples : null };
    }

    // JSON has no NaN and no infinity.
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
