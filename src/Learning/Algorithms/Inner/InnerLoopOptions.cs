using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Optimization;

namespace MetaMap.Learning.Algorithms.Inner;

/// <summary>Options of algorithms with an inner loop at one constant rate.</summary>
/// <param name="InnerLearningRate">Rate of the inner loop under a mean loss, 0 or more.</param>
/// <param name="InnerSteps">Inner steps in training, 0 or more.</param>
public abstract record InnerLoopOptions(double InnerLearningRate, int InnerSteps)
{
    /// <summary>One of <see cref="InnerOptimizers"/>; default <c>sgd</c>, as in every paper of the family.</summary>
    public string InnerOptimizer { get; init; } = InnerOptimizers.Sgd;

    /// <summary>Of the inner optimiser <c>momentum</c>, 0 to below 1; default 0.</summary>
    public double InnerMomentum { get; init; }

    /// <summary>Longest norm of the inner gradient over all adapting parameters, above 0; null (default) for none.</summary>
    public double? InnerClip { get; init; }

    /// <summary>Keep only the states between inner steps and rebuild each step on the way back; default false.</summary>
    public bool Recompute { get; init; }

    /// <summary>Fills in what a run says beside rate and steps.</summary>
    /// <param name="derived">Of the derived type.</param>
    /// <param name="options">Resolved.</param>
    protected static T Complete<T>(T derived, RunOptions options)
        where T : InnerLoopOptions => derived with
    {
        InnerOptimizer = options.InnerOptimizer ?? InnerOptimizers.Sgd,
        InnerMomentum = options.InnerMomentum ?? 0,
        InnerClip = options.InnerClip,
        Recompute = options.Recompute ?? false,
    };

    /// <summary>The inner loop over some of the meta-parameters.</summary>
    internal InnerRule Rule(ImmutableArray<int> adapting) => new(
        adapting, Inner.InnerOptimizer.Create(InnerOptimizer, InnerMomentum), InnerRate.Constant(InnerLearningRate), InnerClip);
}
