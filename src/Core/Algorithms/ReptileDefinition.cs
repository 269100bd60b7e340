using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Optimization;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Algorithms;

/// <summary>Reptile (Nichol et al. 2018): moves the weights towards where training on each episode leads.</summary>
public sealed class ReptileDefinition : IAlgorithmDefinition
{
    /// <inheritdoc />
    public string Name => "reptile";

    /// <inheritdoc />
    public string Summary => "moves towards the weights that each episode trains to (Nichol et al. 2018)";

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } =
    [
        nameof(RunOptions.InnerLr), nameof(RunOptions.InnerSteps), nameof(RunOptions.EvalInnerSteps), nameof(RunOptions.InnerOptimizer),
        nameof(RunOptions.InnerClip), nameof(RunOptions.InnerBatch), nameof(RunOptions.MetaLr),
    ];

    /// <inheritdoc />
    /// <remarks>
    /// The Omniglot experiment: Adam at 0.001 with 10 examples per step, 5 steps in training and 50 in evaluation, outer
    /// step 1 (the outer rate of <c>sgd</c> is the paper's epsilon). The authors let it fall to 0: pass <c>--meta-lr-final 0</c>.
    /// </remarks>
    public RunOptions Defaults { get; } = new()
    {
        InnerLr = 0.001, InnerSteps = 5, EvalInnerSteps = 50, InnerOptimizer = InnerOptimizers.Adam, InnerBatch = 10,
        MetaOptimizer = MetaOptimizers.Sgd, MetaLr = 1.0,
    };

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape) => shape.Network(options);
}
