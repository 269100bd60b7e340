using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Models;
using MetaMap.Core.Optimization;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Algorithms;

/// <summary>First-order MAML (Finn et al. 2017, section 5.2).</summary>
public sealed class FomamlDefinition : IAlgorithmDefinition
{
    /// <inheritdoc />
    public string Name => "fomaml";

    /// <inheritdoc />
    public string Summary => "MAML without second derivatives (Finn et al. 2017, section 5.2)";

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } =
    [
        nameof(RunOptions.InnerLr), nameof(RunOptions.InnerSteps), nameof(RunOptions.EvalInnerSteps), nameof(RunOptions.InnerOptimizer),
        nameof(RunOptions.InnerClip), nameof(RunOptions.MetaLr),
    ];

    /// <inheritdoc />
    public RunOptions Defaults { get; } = new()
    {
        InnerLr = 1.0, InnerSteps = 1, EvalInnerSteps = 3, InnerOptimizer = InnerOptimizers.Sgd, MetaOptimizer = MetaOptimizers.Adam, MetaLr = 0.003,
    };

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape) =>
        ModelCatalog.Parameters(options.ModelSpec(shape.Input, shape.Outputs(options)));
}
