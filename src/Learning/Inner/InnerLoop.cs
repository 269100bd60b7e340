using System.Collections.Immutable;
using MetaMap.Training.Configuration;

namespace MetaMap.Learning.Inner;

/// <summary>The inner loop of a run.</summary>
/// <param name="LearningRate">Rate under a mean loss, 0 or more; not read where rates are learned.</param>
/// <param name="Steps">Steps in training, 0 or more.</param>
internal sealed record InnerLoop(double LearningRate, int Steps)
{
    /// <summary>Gives the direction of a step.</summary>
    public InnerOptimizer Optimizer { get; init; } = InnerOptimizer.Sgd;

    /// <summary>Longest norm of the inner gradient over all adapting parameters, above 0; null for none.</summary>
    public double? Clip { get; init; }

    /// <summary>Keep only the states between inner steps and rebuild each step in the backward pass.</summary>
    public bool Recompute { get; init; }

    /// <summary>Gradient descent and nothing else.</summary>
    public bool IsPlain => Clip is null && Optimizer == InnerOptimizer.Sgd;

    /// <summary>The inner loop that a run's options ask for.</summary>
    public static InnerLoop Of(RunOptions options)
    {
        InnerLoopOptions inner = options.Of<InnerLoopOptions>();
        return new(inner.InnerLr, inner.InnerSteps)
        {
            Optimizer = InnerOptimizers.Of(options), Clip = inner.InnerClip, Recompute = options.Find<IRecomputes>()?.Recompute ?? false,
        };
    }

    /// <summary>The rule of its steps, which move some of the meta-parameters.</summary>
    /// <param name="adapting">Their positions.</param>
    /// <param name="tasks">How many tasks are side by side; null for a single one.</param>
    /// <param name="learned">Rates that are meta-parameters; null for the constant one.</param>
    public InnerRule Rule(ImmutableArray<int> adapting, long? tasks = null, InnerRate? learned = null) =>
        new(adapting, Optimizer, learned ?? InnerRate.Constant(LearningRate), Clip, tasks);
}
