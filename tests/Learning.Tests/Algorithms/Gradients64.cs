using MetaMap.Core;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms;

/// <summary>Comparisons of gradients in float64.</summary>
internal static class Gradients64
{
    private const double Epsilon = 1e-6;

    /// <summary>Checks some coordinates of every tensor against central differences: relative error below 1e-6.</summary>
    public static void AssertAreDifferences(torch.Tensor[] theta, IReadOnlyList<torch.Tensor> gradient, Func<double> loss, int coordinates = 24)
    {
        var random = DeterministicRandom.For("coordinates", 5);
        double[] exact = new double[coordinates];
        double[] numeric = new double[coordinates];
        for (int i = 0; i < coordinates; i++)
        {
            int tensor = i % theta.Length;
            long place = random.NextInt((int)theta[tensor].numel());
            using torch.Tensor value = theta[tensor].detach().flatten()[place];
            exact[i] = gradient[tensor].flatten()[place].item<double>();
            RandomTensors.Move(value, Epsilon);
            double above = loss();
            RandomTensors.Move(value, -2 * Epsilon);
            double below = loss();
            RandomTensors.Move(value, Epsilon);
            numeric[i] = (above - below) / (2 * Epsilon);
        }

        double error = RelativeError(exact, numeric);
        Assert.True(error < 1e-6, $"relative error {error:e2}");
    }

    public static void AssertClose(IReadOnlyList<torch.Tensor> expected, IReadOnlyList<torch.Tensor> actual, double tolerance = 1e-12)
    {
        Assert.Equal(expected.Select(tensor => tensor.shape), actual.Select(tensor => tensor.shape));
        double error = RelativeError(Flat(expected), Flat(actual));
        Assert.True(error <= tolerance, $"relative difference {error:e2}");
    }

    public static double[] Flat(IReadOnlyList<torch.Tensor> tensors) =>
        torch.cat([.. tensors.Select(tensor => tensor.detach().flatten())]).to(torch.float64).data<double>().ToArray();

    public static MetaGradient Of(IMetaAlgorithm algorithm, IReadOnlyList<torch.Tensor> theta, EpisodeProblem problem) =>
        algorithm.Differentiate(theta, problem, iteration: 1);

    private static double RelativeError(double[] expected, double[] actual) =>
        Math.Sqrt(expected.Zip(actual, (a, b) => (a - b) * (a - b)).Sum() / expected.Sum(a => a * a));
}
