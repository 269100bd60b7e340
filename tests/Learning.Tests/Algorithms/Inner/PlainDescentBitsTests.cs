using MetaMap.Learning.Algorithms;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms.Inner;

/// <summary>Plain gradient descent without clip must keep its bits: a trained model's digest depends on them.</summary>
public sealed class PlainDescentBitsTests
{
    [Theory]
    [InlineData("maml", "conv4-stride")]
    [InlineData("maml", "cnn")]
    [InlineData("fomaml", "conv4-stride")]
    public void Differentiate_PlainSgd_HasTheBitsOfAPlainLoop(string algorithm, string model)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var problem = new FamilyProblem("maml", model, innerSteps: 2, dtype: torch.float32);
        MetaGradient result = FamilyProblem.Create(algorithm, innerSteps: 2).Differentiate(problem.Theta, problem.Episode, iteration: 1);

        bool second = algorithm == "maml";
        using Scalar minusRate = -0.2;
        torch.Tensor[] fast = problem.Theta;
        for (int step = 0; step < 2; step++)
        {
            IList<torch.Tensor> slope = torch.autograd.grad(
                [problem.Episode.SupportLoss(fast)], [.. fast], retain_graph: second, create_graph: second);
            fast = [.. fast.Zip(slope, (weights, gradient) => second
                ? torch.add(weights, gradient, minusRate)
                : torch.add(weights.detach(), gradient, minusRate).requires_grad_())];
        }

        torch.Tensor loss = problem.Episode.QueryLoss(problem.Episode.QueryOutputs(fast));
        IList<torch.Tensor> expected = torch.autograd.grad([loss], second ? problem.Theta : fast);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].data<float>().ToArray(), result.Gradient[i].data<float>().ToArray());
        }
    }
}
