using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Loop;

namespace MetaMap.Learning.Tests.Algorithms;

/// <summary>A short run on the patterns: 60 classes, 3 ways, a small network.</summary>
internal static class TrainingRun
{
    public static PatternDataset Dataset { get; } = new(classes: 60);

    public static OptionValues Options { get; } = OptionValues.Of(("ways", 3), ("shots", 2), ("queries", 3), ("filters", 8), ("meta_batch", 4), ("block", 2), ("iterations", 40), ("eval_episodes", 10));

    /// <summary>Query losses of all iterations, and mean query loss and accuracy on test classes before and after.</summary>
    public static (double[] Losses, (double Loss, double Accuracy) Before, (double Loss, double Accuracy) After) Train(OptionValues given)
    {
        RunOptions options = given.Resolve();
        var training = new MetaTraining("test", options, Dataset.Catalog);
        var losses = new List<double>();
        MetaState first = training.Begin(Dataset);
        using var trainer = new LocalMetaTrainer(training, () => EpisodeLearner.Create(options, Dataset), lanes: 1);
        MetaState last = trainer.Train(first, (_, metrics) => losses.Add(metrics.QueryLoss));
        return ([.. losses], Evaluate(training.Options, first), Evaluate(training.Options, last));
    }

    private static (double Loss, double Accuracy) Evaluate(RunOptions options, MetaState state)
    {
        using EpisodeLearner learner = EpisodeLearner.Create(options, Dataset);
        var sampler = EpisodeSampler.For(options, Dataset.Catalog);
        StepEvaluation[] results =
        [
            .. Enumerable.Range(0, options.EvalEpisodes).Select(i =>
                learner.Evaluate(state.Parameters, sampler.Sample(SplitPart.Test, 0, i), options.EvalInnerSteps).Last),
        ];
        return (results.Average(r => r.QueryLoss), results.Average(r => r.TransductiveAccuracyFraction));
    }
}
