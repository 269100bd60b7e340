using MetaMap.Learning.Inner;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms.Inner;

public sealed class GradientClipTests
{
    /// <summary>One within the limit, one beyond, one of zeros: each as by itself, with its derivative.</summary>
    [Fact]
    public void Apply_TasksSideBySide_ClipsEachAsByItself()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] each = [torch.tensor([0.1, 0.2]), torch.tensor([3.0, -4.0]), torch.tensor([0.0, 0.0])];
        torch.Tensor leaf = torch.stack(each).detach().requires_grad_();
        torch.Tensor weights = torch.tensor([1.0, 2.0]);
        torch.Tensor clipped = GradientClip.Apply([leaf.narrow(1, 0, 1), leaf.narrow(1, 1, 1)], 0.5, tasks: 3) is [var first, var second] ? torch.cat([first, second], 1) : leaf;
        torch.Tensor slope = torch.autograd.grad([clipped.mul(weights).sum()], [leaf])[0];
        for (int task = 0; task < each.Length; task++)
        {
            torch.Tensor alone = each[task].detach().requires_grad_();
            torch.Tensor expected = GradientClip.Apply([alone], 0.5)[0];
            Assert.True(expected.allclose(clipped[task], 1e-14, 1e-14));
            Assert.True(torch.autograd.grad([expected.mul(weights).sum()], [alone])[0].allclose(slope[task], 1e-14, 1e-14));
        }
    }
}
