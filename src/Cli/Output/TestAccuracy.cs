using MetaMap.Core;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Episodes;
using MetaMap.Core.Parameters;
using MetaMap.Core.Training;
using MetaMap.Learning;
using MetaMap.Learning.Evaluation;
using Spectre.Console;

namespace MetaMap.Cli.Output;

/// <summary>Few-shot accuracy on the test classes of a run: measured on all lanes, shown with its progress.</summary>
internal static class TestAccuracy
{
    /// <summary>Evaluates <see cref="RunOptions.EvalEpisodes"/> episodes.</summary>
    public static AccuracySummary Measure(
        RunOptions options, IEpisodeDataset dataset, ParameterVector parameters, int lanes, Reporter reporter, CancellationToken cancellation)
    {
        if (options.EvalEpisodes < 1 || lanes < 1)
        {
            throw new ConfigurationException("--episodes and --threads must be 1 or more.");
        }

        EpisodeSampler sampler = EpisodeSampler.For(options, dataset.Catalog);
        Evaluator evaluator = new(() => EpisodeLearner.Create(options, dataset), lanes);
        AccuracySummary Evaluate(Action<int>? progress) => evaluator.Evaluate(
            parameters, i => sampler.Sample(SplitPart.Test, 0, i), options.EvalEpisodes, options.EvalInnerSteps, progress, cancellation);

        return !reporter.IsTerminal ? Evaluate(null) : AnsiConsole.Progress().AutoClear(true).Start(display =>
        {
            ProgressTask task = display.AddTask("evaluating on unseen classes", maxValue: options.EvalEpisodes);
            return Evaluate(done => task.Value = done);
        });
    }

    /// <summary>For people: both kinds of batch statistics, by name.</summary>
    public static string Describe(RunOptions options, AccuracySummary summary) =>
        $"test accuracy {Figures.Percent(summary.TransductiveAccuracyFraction)} (95% interval, {summary.Episodes} episodes of {options.EpisodeShape()} on unseen classes, "
        + $"{options.EvalInnerSteps} inner steps, transductive batch statistics; inductive {Figures.Percent(summary.InductiveAccuracyFraction)})";
}
