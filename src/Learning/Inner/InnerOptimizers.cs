using System.Collections.Immutable;
using System.ComponentModel;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Training.Configuration;

namespace MetaMap.Learning.Inner;

/// <summary>The optimisers of the inner loop by name; their steps are differentiable.</summary>
internal static class InnerOptimizers
{
    /// <summary>Gradient descent.</summary>
    public const string Sgd = "sgd";

    /// <summary>Gradient descent with heavy-ball momentum, as in PyTorch.</summary>
    public const string Momentum = "momentum";

    /// <summary>Adam (Kingma and Ba 2015).</summary>
    public const string Adam = "adam";

    private static readonly Registry<InnerOptimizerDefinition> _all = new(
        "inner-optimizer",
        new InnerOptimizerDefinition(Sgd, new NoOptions(), _ => InnerOptimizer.Sgd),
        new InnerOptimizerDefinition(Momentum, new MomentumOptions(), options => new HeavyBall(options.Of<MomentumOptions>().InnerMomentum)),
        new InnerOptimizerDefinition(Adam, new NoOptions(), _ => new DifferentiableAdam()));

    /// <summary>All inner optimisers, for algorithms that let options choose.</summary>
    public static ImmutableArray<IPart> All => [.. _all.All];

    /// <summary>The one that an algorithm's options choose.</summary>
    /// <exception cref="ConfigurationException">There is no inner optimiser of that name.</exception>
    public static IPart Chosen(object options) => _all[((OptimizedInnerLoopOptions)options).InnerOptimizer];

    internal static InnerOptimizer Of(RunOptions options) => _all[options.Find<OptimizedInnerLoopOptions>()?.InnerOptimizer ?? Sgd].Create(options);
}

/// <summary>Options of the inner optimiser <c>momentum</c>.</summary>
internal sealed record MomentumOptions
{
    /// <summary>Momentum as in PyTorch.</summary>
    [Description("Momentum of the inner loop, below 1."), Category("Inner loop"), AtLeast(0), Below(1)]
    public double InnerMomentum { get; init; } = 0.9;
}

/// <summary>An inner optimiser's name, options and computation.</summary>
internal sealed record InnerOptimizerDefinition(string Name, object Options, Func<RunOptions, InnerOptimizer> Create) : IPart;
