using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tests.Kernels;
using MetaMap.Testing;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms;

/// <summary>Central differences in float64 through the real networks, with a smooth activation.</summary>
public sealed class FiniteDifferenceTests
{
    private const double Epsilon = 1e-6;
    private const int Coordinates = 36;

    public static TheoryData<string, int> Cases => new()
    {
        { "conv4-stride", 2 },
        { "conv4-stride", 3 },
        { "conv4", 2 },
        { "cnn", 2 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Maml_RealNetwork_AgreesWithFiniteDifferences(string model, int innerSteps)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var problem = new Problem(model);
        var maml = MamlVariant.Maml.Create(new InnerLoop(0.2, innerSteps));
        MetaGradient result = maml.Differentiate(problem.Theta, problem.Episode, iteration: 1);

        (double[] exact, double[] numeric) = Sample(problem.Theta, [.. Enumerable.Range(0, problem.Theta.Length)], result, () => Adapted.QueryLoss(maml, problem.Theta, problem.Episode, innerSteps));

        double error = RelativeError(exact, numeric);
        Assert.True(error < 1e-6, $"relative error {error:e2}");
    }

    public static TheoryData<string, string> Family => new()
    {
        { "anil", "conv4-stride" }, { "boil", "conv4-stride" }, { "meta-sgd", "conv4-stride" },
        { "maml++", "conv4-stride" }, { "maml-clip", "conv4-stride" }, { "maml-momentum", "conv4-stride" },
        { "meta-sgd", "cnn" }, { "maml++", "cnn" },
    };

    [Theory]
    [MemberData(nameof(Family))]
    public void Differentiate_FamilyOnRealNetwork_AgreesWithFiniteDifferencesInEveryMetaParameter(string algorithm, string model)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var problem = new FamilyProblem(algorithm, model, innerSteps: 2);
        MetaGradient result = problem.Differentiate();
        for (int part = 0; part < 2; part++)
        {
            // Weights and learned rates apart: gradients of rates are of another size and would hide, or be hidden.
            int[] tensors = [.. Enumerable.Range(0, problem.Theta.Length).Where(i => problem.IsLearnedByGradient(i) && problem.IsRate(i) == (part == 1))];
            if (tensors.Length > 0)
            {
                (double[] exact, double[] numeric) = Sample(problem.Theta, tensors, result, problem.Loss);
                double error = RelativeError(exact, numeric);
                Assert.True(error < 1e-6, $"part {part}: relative error {error:e2}");
            }
        }
    }

    [Fact]
    public void Fomaml_RealNetwork_IsNotTheGradientOfTheAdaptedLoss()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var problem = new Problem("conv4-stride");
        MetaGradient first = MamlVariant.Fomaml.Create(new InnerLoop(0.2, 2)).Differentiate(problem.Theta, problem.Episode, iteration: 1);
        MetaGradient second = MamlVariant.Maml.Create(new InnerLoop(0.2, 2)).Differentiate(problem.Theta, problem.Episode, iteration: 1);
        Assert.Equal(second.QueryLoss.item<double>(), first.QueryLoss.item<double>());
        Assert.True(Difference(first, second) > 1e-2, "first and second order should differ");
    }

    [Theory]
    [InlineData("conv4-stride")]
    [InlineData("cnn")]
    public void Maml_InnerRateZero_EqualsFomaml(string model)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var problem = new Problem(model);
        MetaGradient first = MamlVariant.Fomaml.Create(new InnerLoop(0, 2)).Differentiate(problem.Theta, problem.Episode, iteration: 1);
        MetaGradient second = MamlVariant.Maml.Create(new InnerLoop(0, 2)).Differentiate(problem.Theta, problem.Episode, iteration: 1);
        Assert.True(Difference(first, second) < 1e-13);
    }

    private static (double[] Exact, double[] Numeric) Sample(
        torch.Tensor[] theta, int[] tensors, MetaGradient result, Func<double> loss)
    {
        var random = DeterministicRandom.For("coordinates", 5);
        double[] exact = new double[Coordinates];
        double[] numeric = new double[Coordinates];
        for (int i = 0; i < Coordinates; i++)
        {
            int tensor = tensors[i % tensors.Length];
            long place = random.NextInt((int)theta[tensor].numel());
            using torch.Tensor value = theta[tensor].detach().flatten()[place];
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
        public Problem(string name)
        {
            var spec = Specs.Of(name, new ImageShape(1, 16, 16), 3, 4);
            IModel model = name == "cnn"
                ? new CnnModel(spec, Here.Convolution, features => features.tanh())
                : new Conv4Model(spec, Here.Convolution, features => features.tanh());
            Theta = RandomTensors.Leaves(model.Schema.Layout, seed: 1000);
            Episode = new EpisodeProblem(
                model,
                new EpisodeTensors(
                    RandomTensors.Gaussian(100, 6, 1, 16, 16), torch.arange(6).remainder(3),
                    RandomTensors.Gaussian(200, 9, 1, 16, 16), torch.arange(9).remainder(3)),
                Loss.MeanCrossEntropy);
        }

        public torch.Tensor[] Theta { get; }

        public EpisodeProblem Episode { get; }
    }
}
