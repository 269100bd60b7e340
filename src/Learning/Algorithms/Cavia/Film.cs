using MetaMap.Learning.Tensors;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning.Algorithms;

/// <summary>Feature-wise linear modulation (Perez et al. 2018): hidden · (1 + gamma) + beta, per channel.</summary>
internal static class Film
{
    /// <summary>Modulates a hidden layer by a context.</summary>
    /// <param name="hidden">[inputs, channels, …].</param>
    /// <param name="context">[context size].</param>
    /// <param name="weight">[2 · channels, context size]: the rows of gamma, then those of beta.</param>
    /// <param name="bias">[2 · channels].</param>
    public static torch.Tensor Modulate(torch.Tensor hidden, torch.Tensor context, torch.Tensor weight, torch.Tensor bias)
    {
        long channels = hidden.shape[1];
        torch.Tensor modulation = F.linear(context.unsqueeze(0), weight, bias);                // [1, 2 · channels]
        long[] perChannel = [1, channels, .. Enumerable.Repeat(1L, hidden.shape.Length - 2)];
        torch.Tensor gamma = modulation.narrow(1, 0, channels).reshape(perChannel);
        torch.Tensor beta = modulation.narrow(1, channels, channels).reshape(perChannel);
        return hidden.Plus(hidden.mul(gamma)).Plus(beta);
    }
}
