using MetaMap.Learning.Tensors;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning.Models;

/// <summary>Feature-wise linear modulation (Perez et al. 2018): hidden · (1 + gamma) + beta, per channel.</summary>
internal static class Film
{
    /// <summary>What a context comes to: [1 or tasks, 2 · channels], the gammas, then the betas.</summary>
    /// <param name="context">[context size], or with [tasks] before.</param>
    /// <param name="weight">[2 · channels, context size]: the rows of gamma, then those of beta.</param>
    /// <param name="bias">[2 · channels].</param>
    public static torch.Tensor Of(torch.Tensor context, torch.Tensor weight, torch.Tensor bias) =>
        F.linear(context.dim() == 1 ? context.unsqueeze(0) : context, weight, bias);

    /// <summary>A pass's modulation by what a context comes to; null for none.</summary>
    public static Func<torch.Tensor, torch.Tensor>? By(torch.Tensor? modulation) => modulation is null ? null : hidden => Modulate(hidden, modulation, hasTasks: false);

    /// <summary>Modulates a hidden layer.</summary>
    /// <param name="hidden">[inputs, channels, …], or with [tasks] before.</param>
    /// <param name="modulation">From <see cref="Of"/>.</param>
    /// <param name="hasTasks">Whether there are several tasks side by side.</param>
    public static torch.Tensor Modulate(torch.Tensor hidden, torch.Tensor modulation, bool hasTasks)
    {
        int channelDimension = hasTasks ? 2 : 1;
        long channels = hidden.shape[channelDimension];
        long[] perChannel = [.. hasTasks ? (long[])[modulation.shape[0]] : [], 1, channels, .. Enumerable.Repeat(1L, hidden.shape.Length - channelDimension - 1)];
        torch.Tensor gamma = modulation.narrow(1, 0, channels).reshape(perChannel);
        torch.Tensor beta = modulation.narrow(1, channels, channels).reshape(perChannel);
        return hidden.Plus(hidden.mul(gamma)).Plus(beta);
    }
}
