using MetaMap.Core.Data;
using MetaMap.Core.Episodes;
using MetaMap.Core.Models;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Models;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning.Tests.Algorithms;

/// <summary>Central differences in float64 through the real networks, with a smooth activation.</summary>
public sealed class FiniteDifferenceTests
{
    private const double Epsilon = 1e-6;
    private const int Coordinates = 40;

    public static TheoryData<string, int> Cases => new()
    {
        { ModelCatalog.Conv4Stride, 2 },
        { ModelCatalog.Conv4Stride, 3 },
        { ModelCatalog.Conv4, 2 },
        { ModelCatalog.Cnn, 2 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Maml_RealNetwork_AgreesWithFiniteDifferences(string model, int innerSteps)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var problem = new Problem(model);
        var maml = new Maml(new MamlOptions(0.2, innerSteps));
        MetaGradient result = maml.Differentiate(problem.Theta, problem.Support, problem.Query);

        (double[] exact, double[] numeric) = Sample(problem, result, () =>
        {
            using DisposeScope inner = torch.NewDisposeScope();
            return problem.Query(maml.Adapt(problem.Theta, problem.Support, innerSteps)).item<double>();
        });

        double error = RelativeError(exact, numeric);
        Assert.True(error < 1e-6, $"relative error {error:e2}");
    }

    [Fact]
    public void Fomaml_RealNetwork_IsNotTheGradientOfTheAdaptedLoss()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var problem = new Problem(ModelCatalog.Conv4Stride);
        MetaGradient first = new Fomaml(new FomamlOptions(0.2, 2)).Differentiate(problem.Theta, problem.Support, problem.Query);
        MetaGradient second = new Maml(new MamlOptions(0.2, 2)).Differentiate(problem.Theta, problem.Support, problem.Query);
        Assert.Equal(second.QueryLoss.item<double>(), first.QueryLoss.item<double>());
        Assert.True(Difference(first, second) > 1e-2, "first and second order should differ");
    }

    [Theory]
    [InlineData(ModelCatalog.Conv4Stride)]
    [InlineData(ModelCatalog.Cnn)]
    public void Maml_InnerRateZero_EqualsFomaml(string model)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var problem = new Problem(model);
        MetaGradient first = new Fomaml(new FomamlOptions(0, 2)).Differentiate(problem.Theta, problem.Support, problem.Query);
        MetaGradient second = new Maml(new MamlOptions(0, 2)).Differentiate(problem.Theta, problem.Support, problem.Query);
        Assert.True(Difference(first, second) < 1e-13);
    }

    private static (double[] Exact, double[] Numeric) Sample(Problem problem, MetaGradient result, Func<double> loss)
    {
        var random = DeterministicRandom.For("coordinates", 5);
        double[] exact = new double[Coordinates];
        double[] numeric = new double[Coordinates];
        for (int i = 0; i < Coordinates; i++)
        {
            int tensor = i % problem.Theta.Length;
            long place = random.NextInt((int)problem.Theta[tensor].numel());
            using torch.Tensor value = problem.Theta[tensor].detach().flatten()[place];
            exact[i] = result.Gradient[tensor].flatten()[place].item<double>();
            value.add_(Epsilon);
            double above = loss();
            value.sub_(2 * Epsilon);
            double below = loss();
            value.add_(Epsilon);
            numeric[i] = (above - below) / (2 * Epsilon);
        }

        return (exact, numeric);
    }

    private static double RelativeError(double[] expected, double[] actual) =>
        Math.Sqrt(expected.Zip(actual, (a, b) => (a - b) * (a - b)).Sum() / expected.Sum(a => a * a));

    private static double Difference(MetaGradient a, MetaGradient b) => RelativeError(Flat(a), Flat(b));

    private static double[] Flat(MetaGradient gradient) =>
        torch.cat([.. gradient.Gradient.Select(tensor => tensor.flatten())]).data<double>().ToArray();

    private sealed class Problem
    {
        private readonly IModel _model;
        private readonly torch.Tensor _supportImages = RandomTensors.Gaussian(100, 6, 1, 16, 16);
        private readonly torch.Tensor _queryImages = RandomTensors.Gaussian(200, 9, 1, 16, 16);
        private readonly torch.Tensor _supportLabels = torch.arange(6).remainder(3);
        private readonly torch.Tensor _queryLabels = torch.arange(9).remainder(3);

        public Problem(string name)
        {
            var spec = new ModelSpec(name, new ImageShape(1, 16, 16), Ways: 3, Filters: 4);
            _model = name == ModelCatalog.Cnn
                ? new CnnModel(spec, features => features.tanh())
                : new Conv4Model(spec, features => features.tanh());
            Theta = RandomTensors.Leaves(_model.Layout, seed: 1000);
        }

        public torch.Tensor[] Theta { get; }

        public ParameterLoss Support => parameters =>
            F.cross_entropy(_model.Forward(parameters, _supportImages, BatchStatistics.OfBatch), _supportLabels);

        public ParameterLoss Query => parameters =>
            F.cross_entropy(_model.Forward(parameters, _queryImages, BatchStatistics.OfBatch), _queryLabels);
    }
}
