using System.Collections.Immutable;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Options;
using MetaMap.Coordinator.Http;
using MetaMap.Data;
using MetaMap.Learning;
using MetaMap.Training.Baselines;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using Spectre.Console;

namespace MetaMap.Cli.Output;

/// <summary>Measures what a model achieves on episodes that it was not trained on, on all lanes, and shows the progress.</summary>
internal static class TestMeasures
{
    /// <summary>Evaluates <see cref="RunOptions.EvalEpisodes"/> episodes.</summary>
    /// <param name="options">Of the model, and how it is measured.</param>
    /// <param name="dataset">Where the episodes are from.</param>
    /// <param name="devices">Where it is computed.</param>
    /// <param name="name">Names the model.</param>
    /// <param name="model">The model.</param>
    /// <param name="drawn">The episodes.</param>
    /// <param name="everyStep">Measure after every inner step.</param>
    /// <param name="threads">Lanes on the processor.</param>
    /// <param name="reporter">Knows whether progress is shown.</param>
    /// <param name="cancellation">Ends it between episodes.</param>
    /// <returns>Their summary after each measured inner step.</returns>
    /// <exception cref="CommandFailedException">The model diverges where it adapts.</exception>
    public static ImmutableArray<EvaluationResult> Measure(
        RunOptions options, IEpisodeDataset dataset, ComputeDevices devices, string name, ModelFile model, EvaluationEpisodes drawn, bool everyStep, int threads, Reporter reporter,
        CancellationToken cancellation)
    {
        Evaluator evaluator = new(() => devices.NextLearner(options, dataset, model.Shape), devices.Lanes(threads));
        EpisodeBaselines baselines = new(options, dataset, drawn.TrainingClasses);
        int episodes = drawn.Count(options.EvalEpisodes);
        EpisodeEvaluation[] Evaluate(Action<int>? progress) => evaluator.EvaluateEach(
            model.Parameters, i => drawn[i], episodes, options.EvalInnerSteps, everyStep, baselines, progress, cancellation);

        EpisodeEvaluation[] measured = !reporter.IsTerminal ? Evaluate(null) : AnsiConsole.Progress().AutoClear(true).Start(display =>
        {
            ProgressTask task = display.AddTask(options.Supervised is null ? $"evaluating {episodes} episodes" : $"evaluating all {drawn.Name} examples", maxValue: episodes);
            return Evaluate(done => task.Value = done);
        });
        var steps = EvaluationResult.OfSteps(
            measured, baselines.Names, EpisodeTasks.Of([.. Enumerable.Range(0, episodes).Select(i => EpisodeUnit.Of(drawn[i]))]));
        return steps.FirstOrDefault(step => !step.IsFinite) is { } diverged ? throw new CommandFailedException(diverged.Divergence(name, drawn.Name)) : steps;
    }

    /// <summary>
    /// Readable text: the accuracy with both kinds of batch statistics, or the squared error of regression; the baselines; and plain words
    /// where the model is no better than one of them.
    /// </summary>
    public static string Describe(RunOptions options, EvaluationBody measured)
    {
        string value = measured.IsRegression ? "mean squared error " + Figures.Value(measured.Transductive) : "accuracy " + Figures.Percent(measured.Transductive);
        string? inductive = !measured.IsRegression ? (measured.Inductive.Equals(measured.Transductive) ? null : Figures.Percent(measured.Inductive)) : measured.TestMseInductive is null ? null : Figures.Value(measured.Inductive);
        string of = measured.IsRegression ? "tasks" : "classes";
        string unseen = measured.Part == EvaluationParts.NameOf(SplitPart.Train) ? $"training {of}" : $"unseen {of}";
        if (measured.TestExamples is { } examples)
        {
            return $"{measured.Part} {value} (95% interval, {examples} {measured.Part} examples{(measured.IsRegression ? "" : " of all classes")}, supervised)" + Beside(measured, "examples");
        }

        return $"{measured.Part} {value} ({Interval(measured)}, {measured.TestEpisodes} episodes of {options.EpisodeShape} on {unseen}, "
            + $"{measured.InnerSteps} inner steps{(inductive is null ? "" : $", transductive batch statistics; inductive {inductive}")})"
            + Beside(measured, "episodes");
    }

    private static string Beside(EvaluationBody measured, string same) =>
        (measured.Baselines.Count == 0 ? "" : $"\nbaselines on the same {same}: {string.Join(", ", measured.Baselines.Select(Figure))}")
        + (measured.Better is not { } better ? "" : measured.IsClearlyBelow(better) ? $"\na baseline is better than the model: {Figure(better)}"
            : $"\nwithin the intervals the model is no better than a baseline: {Figure(better)}");

    private static string Figure(BaselineBody baseline)
    {
        MeanWithInterval measure = new(baseline.Accuracy ?? baseline.Mse ?? double.NaN, baseline.Ci95 ?? double.NaN);
        return $"{baseline.Name} {(baseline.Accuracy is null ? Figures.Value(measure) : Figures.Percent(measure))}";
    }

    private static string Interval(EvaluationBody measured) => measured.TestTasks == 1 ? "no interval: one task"
        : measured.TestTasks == measured.TestEpisodes ? "95% interval" : $"95% interval over {measured.TestTasks} tasks";
}
