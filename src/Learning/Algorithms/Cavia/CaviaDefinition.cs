using System.Collections.Immutable;
using System.ComponentModel;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Inner;
using MetaMap.Training.Configuration;
using MetaMap.Training.Optimization;

namespace MetaMap.Learning.Algorithms;

/// <summary>CAVIA (Zintgraf et al. 2019): only a few context parameters adapt; they modulate one hidden layer.</summary>
internal sealed class CaviaDefinition : IAlgorithm
{
    /// <inheritdoc />
    public string Name => "cavia";

    /// <inheritdoc />
    public string Summary => "adapts context parameters that modulate one hidden layer (Zintgraf et al. 2019)";

    /// <inheritdoc />
    /// <remarks>100 context parameters and two steps at rate 1 as in the mini-ImageNet experiment, Adam at 0.001.</remarks>
    public object Options { get; } = new CaviaOptions { InnerLr = 1.0, InnerSteps = 2, EvalInnerSteps = 2 };

    /// <inheritdoc />
    public IReadOnlyDictionary<string, object> Advice { get; } =
        new Dictionary<string, object> { ["meta_optimizer"] = MetaOptimizers.Adam, ["meta_lr"] = 0.001 };

    /// <inheritdoc />
    public ImmutableArray<IPart> Choices => InnerOptimizers.All;

    /// <inheritdoc />
    public IEnumerable<IPart> Chosen(object options) => [InnerOptimizers.Chosen(options)];

    /// <inheritdoc />
    /// <remarks>
    /// The network's, then the map from the context to a scale and a shift per channel. Its weight must not begin at
    /// zero: otherwise neither it nor the context would ever have a gradient.
    /// </remarks>
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape)
    {
        ModelSpec spec = options.ModelSpec(shape.Input, shape.Outputs(options));
        int modulations = checked(2 * spec.Definition.ModulatedChannels(spec));
        return
        [
            .. spec.Parameters(),
            new("context.weight", Initializers.XavierUniform, ParameterRole.Rule, modulations, options.Of<CaviaOptions>().ContextSize),
            new("context.bias", Initializers.Zeros, ParameterRole.Rule, modulations),
        ];
    }

    /// <inheritdoc />
    public IMetaAlgorithm Create(RunOptions options, DatasetCatalog catalog) => new Cavia(InnerLoop.Of(options));
}

/// <summary>Options of <see cref="CaviaDefinition"/>.</summary>
internal sealed record CaviaOptions : OptimizedInnerLoopOptions, IRecomputes
{
    /// <summary>Context parameters.</summary>
    [Description("Number of context parameters."), AtLeast(1)]
    public int ContextSize { get; init; } = 100;

    /// <inheritdoc />
    [Description(IRecomputes.Help), Category("Inner loop")]
    public bool Recompute { get; init; }
}
