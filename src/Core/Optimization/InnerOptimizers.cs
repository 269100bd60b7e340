using System.Collections.Immutable;
using MetaMap.Core.Configuration;

namespace MetaMap.Core.Optimization;

/// <summary>The optimisers of the inner loop by name; their steps are differentiable and stand in the library of the workers.</summary>
public static class InnerOptimizers
{
    /// <summary>Gradient descent.</summary>
    public const string Sgd = "sgd";

    /// <summary>Gradient descent with heavy-ball momentum, as in PyTorch.</summary>
    public const string Momentum = "momentum";

    /// <summary>Adam (Kingma and Ba 2015).</summary>
    public const string Adam = "adam";

    /// <summary>All inner optimisers by name.</summary>
    public static Registry<InnerOptimizerDefinition> All { get; } = new(
        "inner-optimizer",
        new InnerOptimizerDefinition(Sgd, [], new RunOptions()),
        new InnerOptimizerDefinition(Momentum, [nameof(RunOptions.InnerMomentum)], new RunOptions { InnerMomentum = 0.9 }),
        new InnerOptimizerDefinition(Adam, [], new RunOptions()));
}

/// <summary>An inner optimiser's name and options.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Reads">The optional options that it reads.</param>
/// <param name="Defaults">Their defaults.</param>
public sealed record InnerOptimizerDefinition(string Name, ImmutableArray<string> Reads, RunOptions Defaults) : IOptionReader;
