using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Inner;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms;

/// <summary>
/// Support loss (theta - s)'H(theta - s)/2 and query loss (theta - q)'Q(theta - q)/2, in float64:
/// theta_K = s + (I - aH)^K (theta - s), MAML = (I - aH)^K g(theta_K), FOMAML = g(theta_K).
/// </summary>
public sealed class QuadraticTests
{
    private const double Rate = 0.05;
    private const double Tolerance = 1e-12;

    public static TheoryData<int> InnerSteps => [0, 1, 2, 5, 20];

    [Theory]
    [MemberData(nameof(InnerSteps))]
    public void Adapt_Quadratic_FollowsClosedForm(int innerSteps)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var problem = new Problem();
        torch.Tensor[] fast = Adapted.QueryOutputs(
            MamlVariant.Maml.Create(new InnerLoop(Rate, 1)), problem.Theta, LossProblem.Of(problem.Support, parameters => parameters[0]), innerSteps);
        Assert.Equal(innerSteps + 1, fast.Length);
        AssertClose(problem.ClosedFormAdapted(innerSteps), fast[^1]);
    }

    [Theory]
    [MemberData(nameof(InnerSteps))]
    public void Maml_Quadratic_FollowsClosedForm(int innerSteps)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var problem = new Problem();
        MetaGradient result = MamlVariant.Maml.Create(new InnerLoop(Rate, innerSteps))
            .Differentiate(problem.Theta, LossProblem.Of(problem.Support, problem.Query), iteration: 1);
        AssertClose(
            problem.Contraction(innerSteps).matmul(problem.QueryGradient(problem.ClosedFormAdapted(innerSteps))),
            result.Gradient[0]);
    }

    [Theory]
    [MemberData(nameof(InnerSteps))]
    public void Fomaml_Quadratic_FollowsClosedForm(int innerSteps)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var problem = new Problem();
        MetaGradient result = MamlVariant.Fomaml.Create(new InnerLoop(Rate, innerSteps))
            .Differentiate(problem.Theta, LossProblem.Of(problem.Support, problem.Query), iteration: 1);
        AssertClose(problem.QueryGradient(problem.ClosedFormAdapted(innerSteps)), result.Gradient[0]);
    }

    [Fact]
    public void Maml_InnerLossLinearInTheta_EqualsFomaml()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var problem = new Problem();
        torch.Tensor slope = torch.tensor(new[] { 0.5, -1, 2, 0.25 });
        ParameterLoss linear = parameters => parameters[0].dot(slope);
        MetaGradient second = MamlVariant.Maml.Create(new InnerLoop(Rate, 3)).Differentiate(problem.Theta, LossProblem.Of(linear, problem.Query), iteration: 1);
        MetaGradient first = MamlVariant.Fomaml.Create(new InnerLoop(Rate, 3)).Differentiate(problem.Theta, LossProblem.Of(linear, problem.Query), iteration: 1);
        AssertClose(first.Gradient[0], second.Gradient[0]);
    }

    private static void AssertClose(torch.Tensor expected, torch.Tensor actual)
    {
        double difference = (expected - actual).norm().item<double>();
        double scale = expected.norm().item<double>();
        Assert.True(difference <= Tolerance * scale, $"relative difference {difference / scale:e2}");
    }

    private sealed class Problem
    {
        private readonly torch.Tensor _hessian = SymmetricPositive(11);
        private readonly torch.Tensor _queryHessian = SymmetricPositive(12);
        private readonly torch.Tensor _supportOptimum = torch.tensor(new[] { 1.0, -2, 0.5, 3 });
        private readonly torch.Tensor _queryOptimum = torch.tensor(new[] { -1.0, 0.25, 2, 1 });

        public torch.Tensor[] Theta { get; } = [torch.tensor(new[] { 0.3, 1.5, -0.7, 2 }, requires_grad: true)];

        public ParameterLoss Support => parameters => Quadratic(parameters[0] - _supportOptimum, _hessian);

        public ParameterLoss Query => parameters => Quadratic(parameters[0] - _queryOptimum, _queryHessian);

        public torch.Tensor Contraction(int innerSteps) =>
            (torch.eye(4, dtype: torch.float64) - Rate * _hessian).matrix_power(innerSteps);

        public torch.Tensor ClosedFormAdapted(int innerSteps) =>
            _supportOptimum + Contraction(innerSteps).matmul(Theta[0].detach() - _supportOptimum);

        public torch.Tensor QueryGradient(torch.Tensor theta) => _queryHessian.matmul(theta - _queryOptimum);

        private static torch.Tensor Quadratic(torch.Tensor offset, torch.Tensor hessian) =>
            offset.dot(hessian.matmul(offset)) / 2;

        private static torch.Tensor SymmetricPositive(long seed)
        {
            torch.Tensor root = RandomTensors.Gaussian(seed, 4, 4);
            return root.matmul(root.t()) + torch.eye(4, dtype: torch.float64);
        }
    }
}
