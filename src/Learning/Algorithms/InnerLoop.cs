using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>
/// Gradient descent on a support loss: theta_(k+1) = theta_k - rate · d(support loss)/d(theta_k). Steps make new
/// tensors and never write to old ones.
/// </summary>
internal static class InnerLoop
{
    /// <summary>Fast weights that are still a differentiable function of theta (the graph of the gradients is kept).</summary>
    public static IReadOnlyList<torch.Tensor> Differentiable(
        IReadOnlyList<torch.Tensor> theta, ParameterLoss supportLoss, double learningRate, int innerSteps) =>
        Descend(theta, innerSteps, current => Step(current, supportLoss, learningRate, keepGraph: true));

    /// <summary>Fast weights as fresh leaves after every step, so that memory does not grow with their number.</summary>
    public static IReadOnlyList<torch.Tensor> Detached(
        IReadOnlyList<torch.Tensor> theta, ParameterLoss supportLoss, double learningRate, int innerSteps) =>
        Descend(theta, innerSteps, current => Step(current, supportLoss, learningRate, keepGraph: false));

    /// <summary>The gradient of a loss, without a graph of its own; frees the graph of the loss.</summary>
    public static IReadOnlyList<torch.Tensor> Gradient(torch.Tensor loss, IReadOnlyList<torch.Tensor> parameters) =>
        [.. torch.autograd.grad([loss], [.. parameters])];

    private static IReadOnlyList<torch.Tensor> Descend(
        IReadOnlyList<torch.Tensor> theta, int innerSteps, Func<IReadOnlyList<torch.Tensor>, IReadOnlyList<torch.Tensor>> step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(innerSteps);
        IReadOnlyList<torch.Tensor> current = theta;
        for (int i = 0; i < innerSteps; i++)
        {
            IReadOnlyList<torch.Tensor> next = step(current);
            if (i > 0)
            {
                // Only the handles: what second order still needs is held by the graph.
                foreach (torch.Tensor tensor in current)
                {
                    tensor.Dispose();
                }
            }

            current = next;
        }

        return current;
    }

    private static torch.Tensor[] Step(
        IReadOnlyList<torch.Tensor> current, ParameterLoss supportLoss, double learningRate, bool keepGraph)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor loss = supportLoss(current);
        // TorchSharp frees the graph unless told to retain it, even when a graph of the gradient is asked for.
        IList<torch.Tensor> gradient = torch.autograd.grad(
            [loss], [.. current], retain_graph: keepGraph, create_graph: keepGraph);
        // Held until the steps are done: TorchSharp itself does not keep a number alive while libtorch reads it.
        using Scalar minusRate = -learningRate;
        var next = new torch.Tensor[current.Count];
        for (int i = 0; i < next.Length; i++)
        {
            torch.Tensor moved = keepGraph
                ? torch.add(current[i], gradient[i], minusRate)
                : torch.add(current[i].detach(), gradient[i], minusRate).requires_grad_();
            next[i] = moved.MoveToOuterDisposeScope();
        }

        return next;
    }
}
