using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Models;
using MetaMap.Core.Optimization;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Algorithms;

/// <summary>CAVIA (Zintgraf et al. 2019): only a few context parameters adapt; they modulate one hidden layer.</summary>
public sealed class CaviaDefinition : IAlgorithmDefinition
{
    /// <inheritdoc />
    public string Name => "cavia";

    /// <inheritdoc />
    public string Summary => "adapts context parameters that modulate one hidden layer (Zintgraf et al. 2019)";

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } =
    [
        nameof(RunOptions.ContextSize), nameof(RunOptions.InnerLr), nameof(RunOptions.InnerSteps), nameof(RunOptions.EvalInnerSteps),
        nameof(RunOptions.InnerOptimizer), nameof(RunOptions.InnerClip), nameof(RunOptions.Recompute), nameof(RunOptions.MetaLr),
    ];

    /// <inheritdoc />
    /// <remarks>100 context parameters and two steps at rate 1 as in the mini-ImageNet experiment, Adam at 0.001.</remarks>
    public RunOptions Defaults { get; } = new()
    {
        ContextSize = 100, InnerLr = 1.0, InnerSteps = 2, EvalInnerSteps = 2, InnerOptimizer = InnerOptimizers.Sgd,
        MetaOptimizer = MetaOptimizers.Adam, MetaLr = 0.001,
    };

    /// <inheritdoc />
    /// <remarks>
    /// The network's, then the map from the context to a scale and a shift per channel. Its weight must not begin at
    /// zero: neither it nor the context would ever have a gradient.
    /// </remarks>
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape)
    {
        ModelSpec spec = options.ModelSpec(shape.Input, shape.Outputs(options));
        int modulations = checked(2 * ModelCatalog.All[spec.Name].ModulatedChannels(spec));
        return
        [
            .. ModelCatalog.Parameters(spec),
            new("context.weight", Initializers.XavierUniform, ParameterRole.Rule, modulations, options.ContextSize!.Value),
            new("context.bias", Initializers.Zeros, ParameterRole.Rule, modulations),
        ];
    }
}
