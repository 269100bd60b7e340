using TorchSharp;

namespace MetaMap.Learning.Inner;

/// <summary>Derivatives by inputs on which the outputs need not depend.</summary>
internal static class Gradients
{
    /// <summary>Vector-Jacobian products; null where no output depends on the input. Frees the graph unless it is kept.</summary>
    /// <param name="outputs">At least one, each with a graph.</param>
    /// <param name="inputs">At least one that requires gradients; the others are constants.</param>
    /// <param name="cotangents">One per output, of its shape; null for scalars, and for sums over tasks.</param>
    /// <param name="keepGraph">Makes the result differentiable.</param>
    public static torch.Tensor?[] OrNull(
        IReadOnlyList<torch.Tensor> outputs, IReadOnlyList<torch.Tensor> inputs, IReadOnlyList<torch.Tensor>? cotangents = null,
        bool keepGraph = false)
    {
        // TorchSharp frees the graph unless told to retain it, even when a graph of the gradient is asked for. Without
        // allow_unused, libtorch ends the process when the outputs do not depend on an input.
        int[] asked = [.. Enumerable.Range(0, inputs.Count).Where(i => inputs[i].requires_grad)];
        IList<torch.Tensor> answers = torch.autograd.grad(
            [.. cotangents is null ? outputs.Select(Sum) : outputs], [.. asked.Select(i => inputs[i])], cotangents is null ? null : [.. cotangents],
            retain_graph: keepGraph, create_graph: keepGraph, allow_unused: true);
        var gradients = new torch.Tensor?[inputs.Count];
        for (int i = 0; i < asked.Length; i++)
        {
            gradients[asked[i]] = answers[i] is { IsInvalid: false } gradient ? gradient : null;
        }

        return gradients;

        static torch.Tensor Sum(torch.Tensor losses) => losses.dim() == 0 ? losses : losses.sum();
    }

    /// <summary>The gradient of a loss, summed over tasks, with zeros for inputs on which it does not depend.</summary>
    public static torch.Tensor[] OrZero(torch.Tensor loss, IReadOnlyList<torch.Tensor> inputs, bool keepGraph = false) =>
        [.. OrNull([loss], inputs, keepGraph: keepGraph).Select((gradient, i) => gradient ?? torch.zeros_like(inputs[i]).detach())];
}
