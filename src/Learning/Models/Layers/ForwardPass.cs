using TorchSharp;

namespace MetaMap.Learning.Models;

/// <summary>What one forward pass needs besides parameters and inputs. Immutable, except for collecting statistics.</summary>
/// <param name="Statistics">What batch norm normalises by.</param>
public sealed record ForwardPass(BatchStatistics Statistics)
{
    /// <summary>Batch norm by the statistics of the batch, no modulation: training, and transductive evaluation.</summary>
    public static ForwardPass Transductive { get; } = new(BatchStatistics.OfBatch);

    /// <summary>
    /// Changes the hidden layer that a network offers for it (FiLM, Perez et al. 2018), given [inputs, channels, …]
    /// or [tasks, inputs, channels, …]; null for no change.
    /// </summary>
    public Func<torch.Tensor, torch.Tensor>? Modulation { get; init; }

    /// <summary>Called by every network once, on the hidden layer that it offers for modulation, before the activation.</summary>
    /// <param name="hidden">[inputs, channels, …] or [tasks, inputs, channels, …].</param>
    public torch.Tensor Modulate(torch.Tensor hidden) => Modulation is null ? hidden : Modulation(hidden);
}
