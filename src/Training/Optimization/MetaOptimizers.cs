using System.ComponentModel;
using MetaMap.Core.Options;

namespace MetaMap.Training.Optimization;

/// <summary>The outer-loop optimisers by name.</summary>
public static class MetaOptimizers
{
    /// <summary>Name of Adam.</summary>
    public const string Adam = "adam";

    /// <summary>Name of Adam with decoupled weight decay.</summary>
    public const string AdamW = "adamw";

    /// <summary>Name of gradient descent with momentum.</summary>
    public const string Sgd = "sgd";

    /// <summary>All outer-loop optimisers by name.</summary>
    public static Registry<MetaOptimizerDefinition> All { get; } = new(
        "meta-optimizer",
        new MetaOptimizerDefinition(Adam, new NoOptions(), _ => new Adam()),
        new MetaOptimizerDefinition(AdamW, new AdamWOptions(), options => new Adam(((AdamWOptions)options).WeightDecay)),
        new MetaOptimizerDefinition(Sgd, new SgdOptions(), options => new Sgd(((SgdOptions)options).MetaMomentum, ((SgdOptions)options).WeightDecay)));
}

/// <summary>An outer-loop optimiser's name and options.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Options">Its options with their defaults.</param>
/// <param name="Create">Creates the optimiser from its options.</param>
public sealed record MetaOptimizerDefinition(string Name, object Options, Func<object, IMetaOptimizer> Create) : IPart;

/// <summary>Options of <c>adamw</c>.</summary>
internal sealed record AdamWOptions
{
    /// <summary>Decoupled weight decay (Loshchilov and Hutter 2019).</summary>
    [Description("Weight decay of the outer loop."), AtLeast(0)]
    public double WeightDecay { get; init; } = 0.01;
}

/// <summary>Options of <c>sgd</c>.</summary>
public sealed record SgdOptions
{
    /// <summary>Momentum as in PyTorch.</summary>
    [Description("Momentum of the outer loop, below 1."), AtLeast(0), Below(1)]
    public double MetaMomentum { get; init; }

    /// <summary>Weight decay that is added to the gradient.</summary>
    [Description("Weight decay of the outer loop."), AtLeast(0)]
    public double WeightDecay { get; init; }
}
