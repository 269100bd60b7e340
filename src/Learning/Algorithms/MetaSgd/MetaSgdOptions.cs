using MetaMap.Core.Configuration;

namespace MetaMap.Learning.Algorithms;

/// <summary>Options of <see cref="MetaSgd"/>; its rates are meta-parameters.</summary>
/// <param name="InnerSteps">Inner steps in training, 0 or more.</param>
public sealed record MetaSgdOptions(int InnerSteps)
{
    /// <summary>Longest norm of the inner gradient over all parameters, above 0; null (default) for none.</summary>
    public double? InnerClip { get; init; }

    /// <summary>Keep only the states between inner steps and rebuild each step on the way back; default false.</summary>
    public bool Recompute { get; init; }

    /// <summary>The options of a run.</summary>
    /// <param name="options">Resolved.</param>
    public static MetaSgdOptions From(RunOptions options) => new(options.InnerSteps!.Value)
    {
        InnerClip = options.InnerClip, Recompute = options.Recompute ?? false,
    };
}
