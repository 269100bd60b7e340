using System.Collections.Immutable;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Training.Baselines;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Loop;

namespace MetaMap.Learning.Tests.StandIns;

/// <summary>What a run and the baselines achieve on the same test episodes.</summary>
/// <param name="Start">Mean squared error of the first version.</param>
/// <param name="Product">Of the best version.</param>
/// <param name="Baselines">Of each baseline.</param>
internal sealed record Comparison(double Start, double Product, ImmutableDictionary<string, double> Baselines)
{
    private const int Episodes = 400;

    /// <summary>The best baseline.</summary>
    public double Best => Baselines.Values.Min();

    /// <summary>Trains as a user does who names nothing but the data.</summary>
    public static Comparison Of(OptionValues given, string data)
    {
        RunOptions options = given.With(("shots", 10), ("queries", 10)).Resolve();
        IEpisodeDataset dataset = options.OpenDataset(data);
        var training = new MetaTraining("stand-in", options, dataset.Catalog);
        using var trainer = new LocalMetaTrainer(training, () => EpisodeLearner.Create(options, dataset), lanes: 1);
        MetaState first = training.Begin(dataset);
        MetaState last = trainer.Train(first);
        Episode[] episodes = [.. training.EvaluationBlocks(SplitPart.Test, Episodes).SelectMany(block => block.Episodes)];
        var baselines = new EpisodeBaselines(options, dataset);
        ImmutableArray<float>[] measures = [.. episodes.Select(baselines.Measure)];
        using EpisodeLearner learner = EpisodeLearner.Create(options, dataset);
        double Error(ParameterVector parameters) => episodes.Average(episode => (double)learner.Evaluate(parameters, episode, options.EvalInnerSteps).Last.QueryLoss);
        return new Comparison(
            Error(first.Parameters), Error(last.Selection?.BestParameters ?? last.Parameters),
            baselines.Names.Select((name, i) => KeyValuePair.Create(name, measures.Average(measure => (double)measure[i]))).ToImmutableDictionary());
    }

    /// <inheritdoc />
    public override string ToString() => $"start {Start:f4}, best version {Product:f4}, {string.Join(", ", Baselines.Select(one => $"{one.Key} {one.Value:f4}"))}";
}
