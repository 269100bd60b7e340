using CsCheck;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Testing;
using MetaMap.Training.Aggregation;
using MetaMap.Training.Configuration;

namespace MetaMap.Learning.Tests;

/// <summary>Random episode forms, inner steps and partitions into blocks, for every algorithm of the family.</summary>
public sealed class BlockPartitionTests
{
    private static readonly PatternDataset _dataset = new(classes: 12);

    [Theory]
    [InlineData("maml")]
    [InlineData("fomaml")]
    [InlineData("anil")]
    [InlineData("boil")]
    [InlineData("meta-sgd")]
    [InlineData("maml++")]
    [InlineData("imaml")]
    public void ComputeBlock_AnyShapeAndPartition_SumsTheSame(string algorithm) =>
        Gen.Select(Gen.Int[2, 5], Gen.Int[1, 3], Gen.Int[1, 2], Gen.Int[1, 3], Gen.Int[0, 4]).Repeatable().Sample((ways, shots, queries, innerSteps, cut) =>
        {
            RunOptions options = OptionValues.Of(("algorithm", algorithm), ("ways", ways), ("shots", shots), ("queries", queries), ("filters", 4), ("inner_steps", innerSteps), ("inner_lr", 0.1)).Resolve();
            ParameterVector theta = FirstParameters.Of(options, _dataset, seed: 2);
            using EpisodeLearner learner = EpisodeLearner.Create(options, _dataset);
            float[] Sum(params int[][] blocks) => blocks.Where(block => block.Length > 0)
                .Select(block => learner.ComputeBlock(theta, 1, _dataset.BlockOf(options.EpisodeShape, block), CancellationToken.None).GradientSum.Values.ToArray())
                .Aggregate((a, b) => [.. a.Zip(b, (x, y) => x + y)]);

            int[] all = [0, 1, 2, 3];
            float[] whole = Sum(all);
            float[] parts = Sum(all[..cut], all[cut..]);
            double scale = Math.Sqrt(whole.Sum(x => (double)x * x));
            double difference = Math.Sqrt(whole.Zip(parts, (x, y) => ((double)x - y) * (x - y)).Sum());
            Assert.True(double.IsFinite(scale) && difference <= 1e-5 * scale, $"relative difference {difference / scale:e2}");
        }, iter: 8, threads: 1);
}
