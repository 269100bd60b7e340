using MetaMap.Learning.Algorithms;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms.Inner;

public sealed class RecomputedGraphTests
{
    public static TheoryData<string, int> Cases
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string algorithm in new[] { "maml", "anil", "boil", "meta-sgd", "maml++", "maml++first", "maml-clip", "maml-momentum" })
            {
                foreach (int innerSteps in new[] { 1, 2, 3, 10 })
                {
                    data.Add(algorithm, innerSteps);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Differentiate_Float64_EqualsTheStoredGraph(string algorithm, int innerSteps) => Check(algorithm, innerSteps, torch.float64, 1e-12);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Differentiate_Float32_EqualsTheStoredGraph(string algorithm, int innerSteps) => Check(algorithm, innerSteps, torch.float32, 1e-6);

    [Fact]
    public void Differentiate_ManySteps_HoldsNoMoreThanTheStatesOfEach()
    {
        long two = Most(innerSteps: 2);
        long twelve = Most(innerSteps: 12);
        Assert.Equal(10, twelve - two);   // one tensor of fast weights for each further step, and nothing else
    }

    [Theory]
    [InlineData("maml")]
    [InlineData("fomaml")]
    public void Differentiate_ManySteps_FreesTheActivationsOfEach(string algorithm)
    {
        // 32 steps of at least 8 MB of activations: 256 MB would stay with a stored graph of second order.
        Descend(algorithm, innerSteps: 2, Wide);
        long before = Environment.WorkingSet;
        Descend(algorithm, innerSteps: 32, Wide);
        Assert.True(Environment.WorkingSet - before < 128L << 20, $"{(Environment.WorkingSet - before) >> 20} MB");
    }

    private static void Check(string algorithm, int innerSteps, torch.ScalarType dtype, double tolerance)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        MetaGradient stored = new FamilyProblem(algorithm, "conv4-stride", innerSteps, recompute: false, dtype).Differentiate();
        MetaGradient again = new FamilyProblem(algorithm, "conv4-stride", innerSteps, recompute: true, dtype).Differentiate();
        Assert.Equal(stored.QueryLoss.to(torch.float64).item<double>(), again.QueryLoss.to(torch.float64).item<double>());
        torch.Tensor expected = Flat(stored);
        double scale = expected.norm().item<double>();
        Assert.True(scale > 1e-3);
        double error = (expected - Flat(again)).norm().item<double>() / scale;
        Assert.True(error <= tolerance, $"relative error {error:e2}");
    }

    private static torch.Tensor Flat(MetaGradient gradient) => torch.cat([.. gradient.Gradient.Select(tensor => tensor.flatten().to(torch.float64))]);

    private static long Most(int innerSteps)
    {
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        long most = 0;
        Descend("maml", innerSteps, parameters =>
        {
            most = Math.Max(most, DisposeScopeManager.Statistics.ThreadTotalLiveCount - before);
            return parameters[0].sin().sum();
        });
        return most;
    }

    private static torch.Tensor Wide(IReadOnlyList<torch.Tensor> parameters) => parameters[0].repeat(1L << 18).sin().mean();

    private static void Descend(string algorithm, int innerSteps, ParameterLoss support)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] theta = [RandomTensors.Gaussian(1, 4).detach().requires_grad_()];
        FamilyProblem.Create(algorithm, innerSteps, recompute: algorithm != "fomaml").Differentiate(
            theta, LossProblem.Of(support, parameters => parameters[0].square().sum()), iteration: 1);
    }
}
