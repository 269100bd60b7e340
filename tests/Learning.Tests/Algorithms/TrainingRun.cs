using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Training;

namespace MetaMap.Learning.Tests.Algorithms;

/// <summary>A short run on the patterns: 60 classes, 3 ways, a small network.</summary>
internal static class TrainingRun
{
    public static PatternDataset Dataset { get; } = new(classes: 60);

    public static RunOptions Options { get; } = new()
    {
        Ways = 3, Shots = 2, Queries = 3, Filters = 8, MetaBatch = 4, Block = 2, Iterations = 40, EvalEpisodes = 10,
    };

    /// <summary>Query losses of all iterations, and mean query loss and accuracy on test classes before and after.</summary>
    public static (double[] Losses, (double Loss, double Accuracy) Before, (double Loss, double Accuracy) After) Train(RunOptions options)
    {
        var training = new MetaTraining("test", options, Dataset.Catalog);
        var losses = new List<double>();
        MetaState first = training.Begin();
        using var trainer = new LocalMetaTrainer(training, () => EpisodeLearner.Create(options, Dataset), lanes: 1);
        MetaState last = trainer.Train(first, (_, metrics) => losses.Add(metrics.QueryLoss));
        return ([.. losses], Evaluate(training.Options, first), Evaluate(training.Options, last));
    }

    private static (double Loss, double Accuracy) Evaluate(RunOptions options, MetaState state)
    {
        using EpisodeLearner learner = EpisodeLearner.Create(options, Dataset);
        var sampler = Core.Episodes.EpisodeSampler.For(options, Dataset.Catalog);
        StepEvaluation[] results =
        [
            .. Enumerable.Range(0, options.EvalEpisodes).Select(i =>
                learner.Evaluate(state.Parameters, sampler.Sample(SplitPart.Test, 0, i), options.EvalInnerSteps ?? 0).Last),
        ];
        return (results.Average(r => r.QueryLoss), results.Average(r => r.TransductiveAccuracyFraction));
    }
}
