using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tests.Kernels;
using MetaMap.Testing;
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
        var spec = Specs.Of(model, new ImageShape(1, 16, 16), 3, 4);
        IModel network = model == "cnn"
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
            Problems.Loss.MeanCrossEntropy);
    }

    public torch.Tensor[] Theta { get; }

    public EpisodeProblem Episode { get; }

    public static IMetaAlgorithm Create(string algorithm, int innerSteps, bool recompute = false) => algorithm switch
    {
        "maml" => MamlVariant.Maml.Create(new InnerLoop(0.2, innerSteps) { Recompute = recompute }),
        "maml-clip" => MamlVariant.Maml.Create(new InnerLoop(0.2, innerSteps) { Recompute = recompute, Clip = 0.1 }),
        "maml-momentum" => MamlVariant.Maml.Create(new InnerLoop(0.2, innerSteps)
        {
            Recompute = recompute, Optimizer = new HeavyBall(0.7),
        }),
        "maml-adam" => MamlVariant.Maml.Create(new InnerLoop(0.02, innerSteps) { Recompute = recompute, Optimizer = new DifferentiableAdam() }),
        "fomaml" => MamlVariant.Fomaml.Create(new InnerLoop(0.2, innerSteps)),
        "anil" => MamlVariant.Anil.Create(new InnerLoop(0.2, innerSteps) { Recompute = recompute }),
        "boil" => MamlVariant.Boil.Create(new InnerLoop(0.2, innerSteps) { Recompute = recompute }),
        "meta-sgd" => MamlVariant.MetaSgd.Create(new InnerLoop(0.2, innerSteps) { Recompute = recompute }),
        "maml++" => new MamlPlusPlus(new InnerLoop(0.2, innerSteps) { Recompute = recompute }, multiStepIterations: MultiStepIterations),
        "maml++first" => new MamlPlusPlus(new InnerLoop(0.2, innerSteps) { Recompute = recompute }, firstOrderIterations: Iteration),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, null),
    };

    public MetaGradient Differentiate() => _algorithm.Differentiate(Theta, Episode, Iteration);

    /// <summary>The outer loss by evaluation alone.</summary>
    public double Loss() => Adapted.QueryLosses(_algorithm, Theta, Episode, _weights.Count - 1).Zip(_weights, (loss, weight) => loss * weight).Sum();

    public bool IsRate(int tensor) => _schema.Definitions[tensor].Role == ParameterRole.Rule;

    public bool IsLearnedByGradient(int tensor) => _schema.Definitions[tensor].Role != ParameterRole.Statistic;
}
