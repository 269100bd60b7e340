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
    public static EpisodeEvaluation[] Measure(
        RunOptions options, IEpisodeDataset dataset, ComputeDevices devices, ParameterVector parameters, SplitPart part, bool everyStep, int threads, Reporter reporter,
        CancellationToken cancellation)
    {
        EpisodeSampler sampler = EpisodeSampler.For(options, dataset.Catalog);
        sampler.Require(part);
        Evaluator evaluator = new(() => devices.NextLearner(options, dataset), devices.Lanes(threads));
        EpisodeEvaluation[] Evaluate(Action<int>? progress) => evaluator.EvaluateEach(
            parameters, i => sampler.Sample(part, 0, i), options.EvalEpisodes, options.EvalInnerSteps, everyStep, progress, cancellation);

        return !reporter.IsTerminal ? Evaluate(null) : AnsiConsole.Progress().AutoClear(true).Start(display =>
        {
            ProgressTask task = display.AddTask($"evaluating {options.EvalEpisodes} episodes", maxValue: options.EvalEpisodes);
            return Evaluate(done => task.Value = done);
        });
    }

    /// <summary>Readable text: the accuracy with both kinds of batch statistics, or the squared error of regression.</summary>
    public static string Describe(RunOptions options, EvaluationBody measured)
    {
        string value = measured.IsRegression ? "mean squared error " + Figures.Value(measured.Transductive) : "accuracy " + Figures.Percent(measured.Transductive);
        string inductive = measured.IsRegression ? Figures.Value(measured.Inductive) : Figures.Percent(measured.Inductive);
        string of = measured.IsRegression ? "tasks" : "classes";
        string unseen = EvaluationParts.Read(measured.Part) == SplitPart.Train ? $"training {of}" : $"unseen {of}";
        return $"{measured.Part} {value} (95% interval, {measured.TestEpisodes} episodes of {options.EpisodeShape} on {unseen}, "
            + $"{measured.InnerSteps} inner steps, transductive batch statistics; inductive {inductive})";
    }
}
