using MetaMap.Core.Algorithms;
using MetaMap.Core.Data;
using MetaMap.Core.Models;
using MetaMap.Core.Optimization;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Algorithms.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Tests.Kernels;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms;

/// <summary>A real network with a smooth activation, random data, and an algorithm of the MAML family with its meta-parameters.</summary>
internal sealed class FamilyProblem
{
    private const int Iteration = 3;
    private const int MultiStepIterations = 10;
    private readonly IMetaAlgorithm _algorithm;
    private readonly ParameterSchema _schema;
    private readonly IReadOnlyList<double> _weights;

    public FamilyProblem(
        string algorithm, string model, int innerSteps, bool recompute = false, torch.ScalarType dtype = torch.ScalarType.Float64)
    {
        var spec = new ModelSpec(model, new ImageShape(1, 16, 16), Outputs: 3, Filters: 4);
        IModel network = model == ModelCatalog.Cnn
            ? new CnnModel(spec, Here.Convolution, features => features.tanh())
            : new Conv4Model(spec, Here.Convolution, features => features.tanh());
        _schema = algorithm switch
        {
            "meta-sgd" => new ParameterSchema(
            [
                .. network.Schema.Definitions,
                .. network.Schema.Definitions.Select(d => new ParameterDefinition(
                    d.Entry with { Name = "rate." + d.Entry.Name }, Initializers.Constant(0.2), ParameterRole.Rule)),
            ]),
            "maml++" or "maml++first" => new ParameterSchema(MamlPlusPlusDefinition.Parameters(network.Schema.Definitions, 0.2, innerSteps)),
            _ => network.Schema,
        };
        _algorithm = Create(algorithm, innerSteps, recompute);
        _weights = algorithm == "maml++" ? MultiStepWeights.At(Iteration, innerSteps, MultiStepIterations) : MultiStepWeights.At(1, innerSteps, 0);
        Theta = [.. RandomTensors.Leaves(_schema.Layout, seed: 1000).Select(leaf => leaf.detach().to(dtype).requires_grad_())];
        Episode = new EpisodeProblem(
            network,
            new EpisodeTensors(
                RandomTensors.Gaussian(100, 6, 1, 16, 16).to(dtype), torch.arange(6).remainder(3),
                RandomTensors.Gaussian(200, 9, 1, 16, 16).to(dtype), torch.arange(9).remainder(3)),
            Learning.Loss.MeanCrossEntropy);
    }

    public torch.Tensor[] Theta { get; }

    public EpisodeProblem Episode { get; }

    public static IMetaAlgorithm Create(string algorithm, int innerSteps, bool recompute = false) => algorithm switch
    {
        "maml" => MamlFamily.Maml(new InnerLoopOptions(0.2, innerSteps) { Recompute = recompute }),
        "maml-clip" => MamlFamily.Maml(new InnerLoopOptions(0.2, innerSteps) { Recompute = recompute, InnerClip = 0.1 }),
        "maml-momentum" => MamlFamily.Maml(new InnerLoopOptions(0.2, innerSteps)
        {
            Recompute = recompute, InnerOptimizer = InnerOptimizers.Momentum, InnerMomentum = 0.7,
        }),
        "maml-adam" => MamlFamily.Maml(new InnerLoopOptions(0.02, innerSteps) { Recompute = recompute, InnerOptimizer = InnerOptimizers.Adam }),
        "fomaml" => MamlFamily.Fomaml(new InnerLoopOptions(0.2, innerSteps)),
        "anil" => MamlFamily.Anil(new InnerLoopOptions(0.2, innerSteps) { Recompute = recompute }),
        "boil" => MamlFamily.Boil(new InnerLoopOptions(0.2, innerSteps) { Recompute = recompute }),
        "meta-sgd" => MamlFamily.MetaSgd(new InnerLoopOptions(0.2, innerSteps) { Recompute = recompute }),
        "maml++" => new MamlPlusPlus(new InnerLoopOptions(0.2, innerSteps) { Recompute = recompute }, multiStepIterations: MultiStepIterations),
        "maml++first" => new MamlPlusPlus(new InnerLoopOptions(0.2, innerSteps) { Recompute = recompute }, firstOrderIterations: Iteration),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, null),
    };

    public MetaGradient Differentiate() => _algorithm.Differentiate(Theta, Episode, Iteration);

    /// <summary>The outer loss by evaluation alone.</summary>
    public double Loss() => Adaptation.QueryLosses(_algorithm, Theta, Episode, _weights.Count - 1).Zip(_weights, (loss, weight) => loss * weight).Sum();

    public bool IsRate(int tensor) => _schema.Definitions[tensor].Role == ParameterRole.Rule;

    public bool IsLearnedByGradient(int tensor) => _schema.Definitions[tensor].Role != ParameterRole.Statistic;
}
