using MetaMap.Core.Algorithms;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Models;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Models;
using MetaMap.Learning.Tests.Kernels;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms;

/// <summary>A random episode in float64 for a real network with a smooth activation, and meta-parameters of an algorithm's layout.</summary>
internal sealed class SmoothEpisode
{
    private const int Ways = 3;

    public SmoothEpisode(RunOptions options, bool isRegression = false)
    {
        var input = new ImageShape(1, 16, 16);
        int outputs = isRegression ? 2 : Ways;
        Options = (options with { Ways = Ways, Filters = options.Model == ModelCatalog.Cnn ? null : 4 }).Resolve();
        ModelSpec spec = Options.ModelSpec(input, outputs);
        IModel model = Options.Model == ModelCatalog.Cnn
            ? new CnnModel(spec, Here.Convolution, features => features.tanh())
            : new Conv4Model(spec, Here.Convolution, features => features.tanh());
        Schema = ParameterSchema.For(Options, new TaskShape(input, isRegression ? outputs : 0, TrainingClasses: 7));
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
