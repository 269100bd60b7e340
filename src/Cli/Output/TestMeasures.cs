using System.Collections.Immutable;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Options;
using MetaMap.Coordinator.Http;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning;
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
    /// <param name="model">Names the model.</param>
    /// <param name="parameters">The model.</param>
    /// <param name="part">The classes to draw from.</param>
    /// <param name="everyStep">Measure after every inner step.</param>
    /// <param name="threads">Lanes on the processor.</param>
    /// <param name="reporter">Knows whether progress is shown.</param>
    /// <param name="cancellation">Ends it between episodes.</param>
    /// <returns>Their summary after each measured inner step.</returns>
    /// <exception cref="CommandFailedException">The model diverges where it adapts.</exception>
    public static ImmutableArray<EvaluationResult> Measure(
        RunOptions options, IEpisodeDataset dataset, ComputeDevices devices, string model, ParameterVector parameters, SplitPart part, bool everyStep, int threads, Reporter reporter,
        CancellationToken cancellation)
    {
        EpisodeSampler sampler = EpisodeSampler.For(options, dataset.Catalog);
        sampler.Require(part);
        Evaluator evaluator = new(() => devices.NextLearner(options, dataset), devices.Lanes(threads));
        EpisodeEvaluation[] Evaluate(Action<int>? progress) => evaluator.EvaluateEach(
            parameters, i => sampler.Sample(part, 0, i), options.EvalEpisodes, options.EvalInnerSteps, everyStep, progress, cancellation);

        EpisodeEvaluation[] measured = !reporter.IsTerminal ? Evaluate(null) : AnsiConsole.Progress().AutoClear(true).Start(display =>
        {
            ProgressTask task = display.AddTask($"evaluating {options.EvalEpisodes} episodes", maxValue: options.EvalEpisodes);
            return Evaluate(done => task.Value = done);
        });
        var steps = EvaluationResult.OfSteps(
            measured, EpisodeTasks.Of(Enumerable.Range(0, options.EvalEpisodes).Select(i => EpisodeTasks.NameOf(sampler.Sample(part, 0, i)))));
        return steps.FirstOrDefault(step => !step.IsFinite) is { } diverged ? throw new CommandFailedException(diverged.Divergence(model, part)) : steps;
    }

    /// <summary>Readable text: the accuracy with both kinds of batch statistics, or the squared error of regression.</summary>
    public static string Describe(RunOptions options, EvaluationBody measured)
    {
        string value = measured.IsRegression ? "mean squared error " + Figures.Value(measured.Transductive) : "accuracy " + Figures.Percent(measured.Transductive);
        string? inductive = !measured.IsRegression ? Figures.Percent(measured.Inductive) : measured.TestMseInductive is null ? null : Figures.Value(measured.Inductive);
        string of = measured.IsRegression ? "tasks" : "classes";
        string unseen = EvaluationParts.Read(measured.Part) == SplitPart.Train ? $"training {of}" : $"unseen {of}";
        return $"{measured.Part} {value} ({Interval(measured)}, {measured.TestEpisodes} episodes of {options.EpisodeShape} on {unseen}, "
            + $"{measured.InnerSteps} inner steps{(inductive is null ? "" : $", transductive batch statistics; inductive {inductive}")})";
    }

    private static string Interval(EvaluationBody measured) => measured.TestTasks == 1 ? "no interval: one task"
        : measured.TestTasks == measured.TestEpisodes ? "95% interval" : $"95% interval over {measured.TestTasks} tasks";
}
