using System.Collections.Immutable;
using MetaMap.Coordinator.Http;
using MetaMap.Training.Evaluation;

namespace MetaMap.Cli.Output;

/// <summary>Writes an evaluation: the summary, and where asked for every inner step and a confusion matrix.</summary>
internal sealed class EvaluationReport(Reporter reporter)
{
    /// <summary>Writes everything as one JSON object, or as text and tables.</summary>
    /// <param name="summary">The figures.</param>
    /// <param name="text">The figures as text.</param>
    /// <param name="notice">What a reader must know about the data; null for nothing.</param>
    /// <param name="steps">Results after each inner step; null when not asked for.</param>
    /// <param name="confusion">Confusion matrix of one episode; null when not asked for.</param>
    public void Write(EvaluationBody summary, string text, string? notice, ImmutableArray<EvaluationResult>? steps, (int Episode, ConfusionMatrix Matrix)? confusion)
    {
        reporter.Event(
            new
            {
                Event = "evaluated",
                summary.RunId,
                summary.Iteration,
                summary.ModelSha256,
                summary.Part,
                summary.InnerSteps,
                summary.TestAccuracy,
                summary.TestCi95,
                summary.TestAccuracyInductive,
                summary.TestCi95Inductive,
                summary.TestMse,
                summary.TestMseInductive,
                summary.TestEpisodes,
                summary.TestExamples,
                summary.TestTasks,
                summary.TestLoss,
                summary.Baselines,
                Notice = notice,
                BelowBaseline = summary.Better is not null,
                Steps = steps?.Select(step => Line(step, summary)).ToArray(),
                Confusion = confusion is { } shown ? new { shown.Episode, shown.Matrix.Classes, shown.Matrix.Counts } : null,
            },
            $"iteration {summary.Iteration} of run {summary.RunId}\n{(notice is null ? "" : notice + "\n")}{text}");
        if (reporter.IsJson)
        {
            return;
        }

        if (steps is { } all)
        {
            reporter.Rows(all, "", summary.IsRegression
                ? [
                    ("inner steps", Steps), ("squared error", s => Figures.Value(s.QueryLoss)),
                    .. summary.TestMseInductive is null ? [] : new (string, Func<EvaluationResult, string>)[] { ("inductive", s => Figures.Value(s.InductiveQueryLoss)) },
                ]
                :
                [
                    ("inner steps", Steps), ("loss", s => Figures.Value(s.QueryLoss)), ("accuracy", s => Figures.Percent(s.TransductiveAccuracyFraction)),
                    ("loss, inductive", s => Figures.Value(s.InductiveQueryLoss)), ("accuracy, inductive", s => Figures.Percent(s.InductiveAccuracyFraction)),
                ]);
        }

        if (confusion is { } matrix)
        {
            reporter.Rows(
                [.. Enumerable.Range(0, matrix.Matrix.Classes.Length)], "",
                [
                    ($"episode {matrix.Episode}", row => matrix.Matrix.Classes[row]),
                    .. matrix.Matrix.Classes.Select((name, column) =>
                        ($"as {name}", (Func<int, string>)(row => Figures.Whole(matrix.Matrix.Counts[row][column])))),
                ]);
        }
    }

    private static string Steps(EvaluationResult step) => Figures.Whole(step.InnerSteps);

    private static StepLine Line(EvaluationResult step, EvaluationBody summary) => summary.IsRegression
        ? new(step.InnerSteps, null, null, null, null, null, null,
            Figures.Finite(step.QueryLoss.Mean), Figures.Finite(step.QueryLoss.HalfWidth95),
            summary.TestMseInductive is null ? null : Figures.Finite(step.InductiveQueryLoss.Mean))
        : new(step.InnerSteps, Figures.Finite(step.QueryLoss.Mean), step.TransductiveAccuracyFraction.Mean, Figures.Finite(step.TransductiveAccuracyFraction.HalfWidth95),
            Figures.Finite(step.InductiveQueryLoss.Mean), step.InductiveAccuracyFraction.Mean, Figures.Finite(step.InductiveAccuracyFraction.HalfWidth95),
            null, null, null);

    private sealed record StepLine(
        int InnerSteps, double? Loss, double? Accuracy, double? AccuracyCi95, double? LossInductive, double? AccuracyInductive,
        double? AccuracyCi95Inductive, double? Mse, double? MseCi95, double? MseInductive);
}
