using MetaMap.Learning.Tensors;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning.Models;

/// <summary>An affine map, of one task or of several side by side, with parameters that tasks share or have of their own.</summary>
internal static class Linear
{
    /// <summary>Maps inputs.</summary>
    /// <param name="inputs">[inputs, length] or [tasks, inputs, length].</param>
    /// <param name="weight">[outputs, length] or [tasks, outputs, length].</param>
    /// <param name="bias">[outputs] or [tasks, outputs].</param>
    /// <returns>[inputs, outputs] or [tasks, inputs, outputs].</returns>
    public static torch.Tensor Of(torch.Tensor inputs, torch.Tensor weight, torch.Tensor bias) => weight.dim() == 2 && bias.dim() == 1
        ? F.linear(inputs, weight, bias)
        : inputs.matmul(weight.mT).Plus(bias.dim() == 1 ? bias : bias.unsqueeze(1));
}
