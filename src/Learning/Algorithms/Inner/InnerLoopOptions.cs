using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Optimization;

namespace MetaMap.Learning.Algorithms.Inner;

/// <summary>Options of algorithms with an inner loop.</summary>
/// <param name="InnerLearningRate">Rate of the inner loop under a mean loss, 0 or more; not read where rates are learned.</param>
/// <param name="InnerSteps">Inner steps in training, 0 or more.</param>
internal sealed record InnerLoopOptions(double InnerLearningRate, int InnerSteps)
{
    /// <summary>One of <see cref="InnerOptimizers"/>; default <c>sgd</c>, as in every paper of the family.</summary>
    public string InnerOptimizer { get; init; } = InnerOptimizers.Sgd;

    /// <summary>Of the inner optimiser <c>momentum</c>, 0 to below 1; default 0.</summary>
    public double InnerMomentum { get; init; }

    /// <summary>Longest norm of the inner gradient over all adapting parameters, above 0; null (default) for none.</summary>
    public double? InnerClip { get; init; }

    /// <summary>Keep only the states between inner steps and rebuild each step on the way back; default false.</summary>
    public bool Recompute { get; init; }

    /// <summary>The options of a run.</summary>
    /// <param name="options">Resolved.</param>
    public static InnerLoopOptions From(RunOptions options) => new(options.InnerLr!.Value, options.InnerSteps!.Value)
    {
        InnerOptimizer = options.InnerOptimizer ?? InnerOptimizers.Sgd,
        InnerMomentum = options.InnerMomentum ?? 0,
        InnerClip = options.InnerClip,
        Recompute = options.Recompute ?? false,
    };

    /// <summary>The inner loop over some of the meta-parameters.</summary>
    /// <param name="adapting">Their positions.</param>
    /// <param name="learned">Rates that are meta-parameters; null for the constant one.</param>
    public InnerRule Rule(ImmutableArray<int> adapting, InnerRate? learned = null) => new(
        adapting, Inner.InnerOptimizer.Create(InnerOptimizer, InnerMomentum), learned ?? InnerRate.Constant(InnerLearningRate), InnerClip);
}
