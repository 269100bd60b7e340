using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Optimization;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Algorithms;

/// <summary>MAML with implicit gradients (Rajeswaran et al. 2019): the meta-gradient at a proximal optimum, without the path to it.</summary>
public sealed class ImamlDefinition : IAlgorithmDefinition
{
    /// <inheritdoc />
    public string Name => "imaml";

    /// <inheritdoc />
    public string Summary => "MAML with implicit gradients at a proximal optimum (Rajeswaran et al. 2019)";

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } =
    [
        nameof(RunOptions.InnerLr), nameof(RunOptions.InnerSteps), nameof(RunOptions.EvalInnerSteps), nameof(RunOptions.InnerOptimizer),
        nameof(RunOptions.InnerClip), nameof(RunOptions.ProximalStrength), nameof(RunOptions.CgSteps), nameof(RunOptions.MetaLr),
    ];

    /// <inheritdoc />
    /// <remarks>Strength 2, 16 inner steps and 5 conjugate-gradient steps as in the Omniglot 5-way experiment; the rates are MetaMap's.</remarks>
    public RunOptions Defaults { get; } = new()
    {
        InnerLr = 0.1, InnerSteps = 16, EvalInnerSteps = 16, InnerOptimizer = InnerOptimizers.Sgd, ProximalStrength = 2, CgSteps = 5,
        MetaOptimizer = MetaOptimizers.Adam, MetaLr = 0.001,
    };

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape) => shape.Network(options);
}
