using MetaMap.Core.Configuration;

namespace MetaMap.Learning.Algorithms;

/// <summary>Options of <see cref="MamlPlusPlus"/>; its rates are meta-parameters.</summary>
/// <param name="InnerSteps">Inner steps in training, 1 or more; the paper takes 5.</param>
public sealed record MamlPlusPlusOptions(int InnerSteps)
{
    /// <summary>Meta-iterations over which the loss after every inner step counts; 0 (default here) for none. The paper takes 5,000.</summary>
    public int MultiStepIterations { get; init; }

    /// <summary>Meta-iterations of first order before those of second order; default 0.</summary>
    public int FirstOrderIterations { get; init; }

    /// <summary>Longest norm of the inner gradient over all adapting parameters, above 0; null (default) for none.</summary>
    public double? InnerClip { get; init; }

    /// <summary>Keep only the states between inner steps and rebuild each step on the way back; default false.</summary>
    public bool Recompute { get; init; }

    /// <summary>The options of a run.</summary>
    /// <param name="options">Resolved.</param>
    public static MamlPlusPlusOptions From(RunOptions options) => new(options.InnerSteps!.Value)
    {
        MultiStepIterations = options.MultiStepIterations ?? 0, FirstOrderIterations = options.FirstOrderIterations ?? 0,
        InnerClip = options.InnerClip, Recompute = options.Recompute ?? false,
    };
}
