using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Inner;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms;

/// <summary>
/// The meta-gradient of a two-layer tanh network by hand, without any automatic differentiation or code of the library:
/// the gradient of the squared error is written out, and its Hessian-vector products are its derivative along a direction,
/// in dual numbers. v_K = g_query(theta_K); v_k = v_(k+1) - a H_support(theta_k) v_(k+1).
/// </summary>
public sealed class AnalyticMamlTests
{
    private const int Inputs = 2;
    private const int Hidden = 3;
    private const int Length = Hidden * Inputs + 2 * Hidden + 1;
    private const double Rate = 0.3;

    private static readonly double[][] _support = [[0.5, -1.2, 0.7], [1.1, 0.4, -0.3], [-0.6, 0.9, 1.5]];     // x1, x2, y
    private static readonly double[][] _query = [[-0.2, 0.8, 0.1], [0.9, -0.5, -1.1]];

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(5, false)]
    [InlineData(5, true)]
    public void Differentiate_TwoLayerTanhNetwork_AgreesWithTheHandWrittenGradient(int innerSteps, bool recompute)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor theta = RandomTensors.Gaussian(7, Length).detach().requires_grad_();
        MetaGradient maml = MamlVariant.Maml.Create(new InnerLoop(Rate, innerSteps) { Recompute = recompute })
            .Differentiate([theta], LossProblem.Of(Torch(_support), Torch(_query)), iteration: 1);
        MetaGradient fomaml = MamlVariant.Fomaml.Create(new InnerLoop(Rate, innerSteps))
            .Differentiate([theta], LossProblem.Of(Torch(_support), Torch(_query)), iteration: 1);

        (double[] second, double[] first) = ByHand(theta.detach().data<double>().ToArray(), innerSteps);
        AssertClose(second, maml.Gradient[0]);
        AssertClose(first, fomaml.Gradient[0]);
        Assert.True(second.Zip(first, (a, b) => Math.Abs(a - b)).Max() > 1e-3);
    }

    private static (double[] Second, double[] First) ByHand(double[] theta, int innerSteps)
    {
        var path = new List<double[]> { theta };
        for (int step = 0; step < innerSteps; step++)
        {
            double[] slope = Along(_support, path[^1], new double[Length]).Value;
            path.Add([.. path[^1].Zip(slope, (weight, g) => weight - Rate * g)]);
        }

        double[] first = Along(_query, path[^1], new double[Length]).Value;
        double[] vector = first;
        for (int step = innerSteps - 1; step >= 0; step--)
        {
            double[] product = Along(_support, path[step], vector).Derivative;
            vector = [.. vector.Zip(product, (v, h) => v - Rate * h)];
        }

        return (vector, first);
    }

    /// <summary>The gradient of the mean squared error at theta, and its derivative along a direction.</summary>
    private static (double[] Value, double[] Derivative) Along(double[][] data, double[] theta, double[] direction)
    {
        Dual[] w = [.. theta.Zip(direction, (value, derivative) => new Dual(value, derivative))];
        var gradient = new Dual[Length];
        foreach (double[] row in data)
        {
            var activation = new Dual[Hidden];
            Dual error = w[Length - 1] - new Dual(row[^1], 0);
            for (int h = 0; h < Hidden; h++)
            {
                Dual sum = w[Hidden * Inputs + h];
                for (int i = 0; i < Inputs; i++)
                {
                    sum += w[h * Inputs + i] * new Dual(row[i], 0);
                }

                activation[h] = sum.Tanh();
                error += w[Hidden * Inputs + Hidden + h] * activation[h];
            }

            Dual slope = error * new Dual(2.0 / data.Length, 0);
            gradient[Length - 1] += slope;
            for (int h = 0; h < Hidden; h++)
            {
                gradient[Hidden * Inputs + Hidden + h] += slope * activation[h];
                Dual back = slope * w[Hidden * Inputs + Hidden + h] * (new Dual(1, 0) - activation[h] * activation[h]);
                gradient[Hidden * Inputs + h] += back;
                for (int i = 0; i < Inputs; i++)
                {
                    gradient[h * Inputs + i] += back * new Dual(row[i], 0);
                }
            }
        }

        return ([.. gradient.Select(g => g.Value)], [.. gradient.Select(g => g.Derivative)]);
    }

    private static ParameterLoss Torch(double[][] data) => parameters =>
    {
        torch.Tensor rows = torch.tensor([.. data.SelectMany(row => row)], data.Length, Inputs + 1, dtype: torch.float64);
        torch.Tensor w = parameters[0];
        torch.Tensor hidden = (rows.narrow(1, 0, Inputs).matmul(w.narrow(0, 0, Hidden * Inputs).reshape(Hidden, Inputs).t())
            + w.narrow(0, Hidden * Inputs, Hidden)).tanh();
        torch.Tensor output = hidden.matmul(w.narrow(0, Hidden * Inputs + Hidden, Hidden)) + w[Length - 1];
        return (output - rows.select(1, Inputs)).square().mean();
    };

    private static void AssertClose(double[] expected, torch.Tensor actual)
    {
        double scale = Math.Sqrt(expected.Sum(e => e * e));
        double difference = Math.Sqrt(expected.Zip(actual.data<double>().ToArray(), (e, a) => (e - a) * (e - a)).Sum());
        Assert.True(difference <= 1e-12 * scale, $"relative difference {difference / scale:e2}");
    }

    private readonly record struct Dual(double Value, double Derivative)
    {
        public static Dual operator +(Dual a, Dual b) => new(a.Value + b.Value, a.Derivative + b.Derivative);

        public static Dual operator -(Dual a, Dual b) => new(a.Value - b.Value, a.Derivative - b.Derivative);

        public static Dual operator *(Dual a, Dual b) => new(a.Value * b.Value, a.Derivative * b.Value + a.Value * b.Derivative);

        public Dual Tanh() => new(Math.Tanh(Value), Derivative * (1 - Math.Tanh(Value) * Math.Tanh(Value)));
    }
}
