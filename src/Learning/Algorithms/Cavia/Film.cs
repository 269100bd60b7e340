using MetaMap.Learning.Tensors;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning.Algorithms;

/// <summary>Feature-wise linear modulation (Perez et al. 2018): hidden · (1 + gamma) + beta, per channel.</summary>
internal static class Film
{
    /// <summary>Modulates a hidden layer by a context.</summary>
    /// <param name="hidden">[inputs, channels, …], or with [tasks] before.</param>
    /// <param name="context">[context size], or with [tasks] before.</param>
    /// <param name="weight">[2 · channels, context size]: the rows of gamma, then those of beta.</param>
    /// <param name="bias">[2 · channels].</param>
    public static torch.Tensor Modulate(torch.Tensor hidden, torch.Tensor context, torch.Tensor weight, torch.Tensor bias)
    {
        bool isOne = context.dim() == 1;
        int channelDimension = isOne ? 1 : 2;
        long channels = hidden.shape[channelDimension];
        torch.Tensor modulation = F.linear(isOne ? context.unsqueeze(0) : context, weight, bias);   // [1 or tasks, 2 · channels]
        long[] perChannel = [.. isOne ? [] : (long[])[context.shape[0]], 1, channels, .. Enumerable.Repeat(1L, hidden.shape.Length - channelDimension - 1)];
        torch.Tensor gamma = modulation.narrow(1, 0, channels).reshape(perChannel);
        torch.Tensor beta = modulation.narrow(1, channels, channels).reshape(perChannel);
        return hidden.Plus(hidden.mul(gamma)).Plus(beta);
    }
}
