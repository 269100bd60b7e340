using System.Collections.Immutable;
using MetaMap.Training.Configuration;

namespace MetaMap.Learning.Inner;

/// <summary>The inner loop of a run.</summary>
/// <param name="LearningRate">Under a mean loss, 0 or more; not read where rates are learned.</param>
/// <param name="Steps">In training, 0 or more.</param>
internal sealed record InnerLoop(double LearningRate, int Steps)
{
    /// <summary>Which way.</summary>
    public InnerOptimizer Optimizer { get; init; } = InnerOptimizer.Sgd;

    /// <summary>Longest norm of the inner gradient over all adapting parameters, above 0; null for none.</summary>
    public double? Clip { get; init; }

    /// <summary>Keep only the states between inner steps and rebuild each step on the way back.</summary>
    public bool Recompute { get; init; }

    /// <summary>The inner loop that a run's options ask for.</summary>
    public static InnerLoop Of(RunOptions options)
    {
        InnerLoopOptions inner = options.Of<InnerLoopOptions>();
        return new(inner.InnerLr, inner.InnerSteps)
        {
            Optimizer = InnerOptimizers.Of(options), Clip = inner.InnerClip, Recompute = options.Find<IRecomputes>()?.Recompute ?? false,
        };
    }

    /// <summary>The rule of its steps over some of the meta-parameters.</summary>
    /// <param name="adapting">Their positions.</param>
    /// <param name="learned">Rates that are meta-parameters; null for the constant one.</param>
    public InnerRule Rule(ImmutableArray<int> adapting, InnerRate? learned = null) =>
        new(adapting, Optimizer, learned ?? InnerRate.Constant(LearningRate), Clip);
}
