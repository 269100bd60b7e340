using System.Runtime.InteropServices;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Core.Safetensors;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Learning.Tests;

public sealed class EpisodeGradientTests
{
    private static readonly PatternDataset _dataset = new(classes: 12);

    public static TheoryData<string, string> AlgorithmsAndModels => new() { { "maml", "conv4-stride" }, { "maml", "cnn" }, { "fomaml", "conv4-stride" } };

    [Theory]
    [MemberData(nameof(AlgorithmsAndModels))]
    public void Compute_Float32_GivesTheBitsOfAWorker(string algorithm, string model)
    {
        (RunOptions options, ParameterVector theta, Episode episode) = Problem(algorithm, model);
        using EpisodeLearner learner = EpisodeLearner.Create(options, _dataset);
        BlockGradient expected = learner.ComputeBlock(theta, 1, new EpisodeBlock(0, [episode]), default);

        var examples = EpisodeExamples.Load(_dataset, episode);
        var shape = TaskShape.Of(options, _dataset.Catalog);
        SafetensorsContent stored = SafetensorsReader.Read(
            EpisodeFile.Of(examples).ToSafetensors(System.Collections.Immutable.ImmutableDictionary<string, string>.Empty), "a test");
        EpisodeFile content = EpisodeFile.Read(stored, shape, 3, "a test");
        EpisodeGradient gradient = EpisodeGradient.Compute(options, EpisodeGradient.Outside(shape), theta, 1, content);
        Assert.Equal(theta.Layout.Entries.Select(entry => entry.Name), gradient.Gradient.Select(tensor => tensor.Name));
        Assert.Equal(
            Convert.ToHexString(expected.GradientSum.Bytes),
            Convert.ToHexString([.. gradient.Gradient.SelectMany(tensor => tensor.Bytes.ToArray())]));
        Assert.Equal(expected.Episodes[0].QueryLoss, (float)gradient.QueryLoss);
        Assert.Equal(expected.Episodes[0].QueryAccuracyFraction, gradient.QueryAccuracyFraction!.Value, 6);
    }

    [Fact]
    public void Compute_Float64_IsCloseToFloat32ButNotEqual()
    {
        (RunOptions options, ParameterVector theta, Episode episode) = Problem("maml", "conv4-stride");
        var content = EpisodeFile.Of(EpisodeExamples.Load(_dataset, episode));
        EpisodeGradient single = EpisodeGradient.Compute(options, _dataset.Catalog, theta, 1, content, episode);
        EpisodeGradient twice = EpisodeGradient.Compute(options, _dataset.Catalog, theta, 1, Doubled(content), episode);
        double difference = 0;
        for (int i = 0; i < single.Gradient.Length; i++)
        {
            Assert.Equal(TensorType.F64, twice.Gradient[i].Type);
            float[] a = MemoryMarshal.Cast<byte, float>(single.Gradient[i].Bytes.Span).ToArray();
            double[] b = MemoryMarshal.Cast<byte, double>(twice.Gradient[i].Bytes.Span).ToArray();
            difference += a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();
        }

        Assert.InRange(Math.Sqrt(difference) / twice.Norm, 1e-12, 1e-3);
        Assert.Equal(single.QueryLoss, twice.QueryLoss, 4);
    }

    private static EpisodeFile Doubled(EpisodeFile content) => content with
    {
        SupportInputs = Doubled(content.SupportInputs), QueryInputs = Doubled(content.QueryInputs),
    };

    private static SafetensorsTensor Doubled(SafetensorsTensor tensor) => tensor with
    {
        Type = TensorType.F64,
        Bytes = MemoryMarshal.AsBytes(
            MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span).ToArray().Select(value => (double)value).ToArray().AsSpan()).ToArray(),
    };

    private static (RunOptions Options, ParameterVector Theta, Episode Episode) Problem(string algorithm, string model)
    {
        RunOptions options = OptionValues.Of(("algorithm", algorithm), ("model", model), ("ways", 3), ("shots", 2), ("queries", 3), ("filters", model == "cnn" ? null : 8), ("inner_steps", 2), ("inner_lr", 0.1)).Resolve();
        return (options, TaskShape.Of(options, _dataset.Catalog).Schema(options).Initialize(3), _dataset.EpisodeAt(2, options.EpisodeShape));
    }
}
