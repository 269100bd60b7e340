using System.Collections.Immutable;
using System.ComponentModel;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Inner;
using MetaMap.Training.Configuration;
using MetaMap.Training.Optimization;

namespace MetaMap.Learning.Algorithms;

/// <summary>Reptile (Nichol et al. 2018): moves the weights towards where training on each episode leads.</summary>
internal sealed class ReptileDefinition : IAlgorithm
{
    /// <inheritdoc />
    public string Name => "reptile";

    /// <inheritdoc />
    public string Summary => "moves towards the weights that each episode trains to (Nichol et al. 2018)";

    /// <inheritdoc />
    /// <remarks>
    /// The Omniglot experiment: Adam at 0.001 with 10 examples per step, 5 steps in training and 50 in evaluation, outer
    /// step 1 (the outer rate of <c>sgd</c> is the paper's epsilon). The authors let it fall to 0: pass <c>--meta-lr-final 0</c>.
    /// </remarks>
    public object Options { get; } = new ReptileOptions
    {
        InnerLr = 0.001, InnerSteps = 5, EvalInnerSteps = 50, InnerOptimizer = InnerOptimizers.Adam,
    };

    /// <inheritdoc />
    public IReadOnlyDictionary<string, object> Advice { get; } =
        new Dictionary<string, object> { ["meta_optimizer"] = MetaOptimizers.Sgd, ["meta_lr"] = 1.0 };

    /// <inheritdoc />
    public ImmutableArray<IPart> Choices => InnerOptimizers.All;

    /// <inheritdoc />
    public IEnumerable<IPart> Chosen(object options) => [InnerOptimizers.Chosen(options)];

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape) => shape.Network(options);

    /// <inheritdoc />
    public IMetaAlgorithm Create(RunOptions options, DatasetCatalog catalog) => new Reptile(InnerLoop.Of(options), options.Of<ReptileOptions>().InnerBatch);
}

/// <summary>Options of <see cref="ReptileDefinition"/>.</summary>
internal sealed record ReptileOptions : OptimizedInnerLoopOptions, IHasInnerBatch
{
    /// <summary>Examples per inner step, drawn from the episode.</summary>
    [Description("Examples per inner step, drawn from the episode."), Category("Inner loop"), AtLeast(1)]
    public int InnerBatch { get; init; } = 10;
}
