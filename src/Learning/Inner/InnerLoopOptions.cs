using System.ComponentModel;
using MetaMap.Core.Options;
using MetaMap.Training.Configuration;

namespace MetaMap.Learning.Inner;

/// <summary>Options of algorithms with an inner loop.</summary>
[Category("Inner loop")]
public record InnerLoopOptions : IAdaptsInEvaluation
{
    /// <summary>Rate under a mean loss (Finn et al. 2017 use 0.4 under a sum over ways, 2.0 under the mean).</summary>
    [Description("Inner-loop learning rate under a mean loss."), AtLeast(0)]
    public double InnerLr { get; init; } = 1.0;

    /// <summary>Inner steps in training.</summary>
    [Description("Inner-loop steps in training."), AtLeast(1)]
    public int InnerSteps { get; init; } = 1;

    /// <inheritdoc />
    [Description("Inner-loop steps in evaluation."), AtLeast(0), AtMost(IAdaptsInEvaluation.MostInnerSteps)]
    public int EvalInnerSteps { get; init; } = 3;

    /// <summary>Longest Euclidean norm of the inner gradient over all adapting parameters; longer ones are scaled down. Off when null.</summary>
    [Description("Largest Euclidean norm of an inner-loop gradient. Default: off."), Above(0)]
    public double? InnerClip { get; init; }
}

/// <summary>Options of algorithms whose inner loop may use any optimiser.</summary>
[Category("Inner loop")]
internal record OptimizedInnerLoopOptions : InnerLoopOptions
{
    /// <summary>Name of one of <see cref="InnerOptimizers"/>; <c>sgd</c> in every paper of the family.</summary>
    [Description("Inner-loop optimiser: sgd, momentum or adam.")]
    public string InnerOptimizer { get; init; } = InnerOptimizers.Sgd;
}

/// <summary>Options of algorithms whose inner loop can be recomputed in the backward pass.</summary>
internal interface IRecomputes
{
    /// <summary>Help text of the option.</summary>
    const string Help = "Rebuild the graph of each inner step on the way back: less memory, more time. Default: off.";

    /// <summary>Keep only the states between inner steps and rebuild each step in the backward pass: memory hardly grows with their number.</summary>
    bool Recompute { get; }
}

/// <summary>Options of algorithms whose inner steps see minibatches.</summary>
internal interface IHasInnerBatch
{
    /// <summary>Examples per inner step, 1 or more.</summary>
    int InnerBatch { get; }
}
