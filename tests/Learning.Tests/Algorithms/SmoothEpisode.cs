using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tests.Kernels;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms;

/// <summary>A random episode in float64 for a real network with a smooth activation, and meta-parameters of an algorithm's layout.</summary>
internal sealed class SmoothEpisode
{
    private const int Ways = 3;

    public SmoothEpisode(OptionValues options, bool isRegression = false)
    {
        var input = new ImageShape(1, 16, 16);
        int outputs = isRegression ? 2 : Ways;
        Options = options.With(("ways", Ways), ("filters", options["model"]?.GetValue<string>() == "cnn" ? null : 4)).Resolve();
        ModelSpec spec = Options.ModelSpec(input, outputs);
        IModel model = Options.Model == "cnn"
            ? new CnnModel(spec, Here.Convolution, features => features.tanh())
            : new Conv4Model(spec, Here.Convolution, features => features.tanh());
        Schema = new TaskShape(input, isRegression ? outputs : 0, TrainingClasses: 7).Schema(Options);
        Theta = RandomTensors.Leaves(Schema.Layout, seed: 1000);
        torch.Tensor Targets(long count, long seed) =>
            isRegression ? RandomTensors.Gaussian(seed, count, outputs) : torch.arange(count).remainder(Ways);
        Problem = new EpisodeProblem(
            model,
            new EpisodeTensors(RandomTensors.Gaussian(100, 6, 1, 16, 16), Targets(6, 300), RandomTensors.Gaussian(200, 9, 1, 16, 16), Targets(9, 400)),
            isRegression ? Loss.MeanSquaredError : Loss.MeanCrossEntropy);
    }

    public RunOptions Options { get; }

    public ParameterSchema Schema { get; }

    public torch.Tensor[] Theta { get; }

    public EpisodeProblem Problem { get; }
}
