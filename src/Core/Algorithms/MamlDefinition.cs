using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Models;
using MetaMap.Core.Optimization;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Algorithms;

/// <summary>Model-agnostic meta-learning (Finn et al. 2017): learns the weights that an inner loop starts from.</summary>
public sealed class MamlDefinition : IAlgorithmDefinition
{
    /// <inheritdoc />
    public string Name => "maml";

    /// <inheritdoc />
    public string Summary => "MAML with its true second-order gradient (Finn et al. 2017)";

    /// <summary>The options of an inner loop with second derivatives.</summary>
    internal static ImmutableArray<string> InnerLoopOptions { get; } =
    [
        nameof(RunOptions.InnerLr), nameof(RunOptions.InnerSteps), nameof(RunOptions.EvalInnerSteps), nameof(RunOptions.InnerOptimizer),
        nameof(RunOptions.InnerClip), nameof(RunOptions.Recompute), nameof(RunOptions.MetaLr),
    ];

    /// <inheritdoc />
    public ImmutableArray<string> Reads => InnerLoopOptions;

    /// <inheritdoc />
    public RunOptions Defaults => InnerLoopDefaults;

    /// <summary>The defaults of an inner loop with second derivatives.</summary>
    /// <remarks>One training step and three test steps as in the Omniglot 5-way experiment; rates found on Omniglot (docs/RESULTS.md).</remarks>
    internal static RunOptions InnerLoopDefaults { get; } = new()
    {
        InnerLr = 1.0, InnerSteps = 1, EvalInnerSteps = 3, InnerOptimizer = InnerOptimizers.Sgd, MetaOptimizer = MetaOptimizers.Adam, MetaLr = 0.003,
    };

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape) =>
        ModelCatalog.Parameters(options.ModelSpec(shape.Input, shape.Outputs(options)));
}
