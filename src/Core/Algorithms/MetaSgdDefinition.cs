using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Models;
using MetaMap.Core.Optimization;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Algorithms;

/// <summary>Meta-SGD (Li et al. 2017): learns an inner rate for every weight beside the weights.</summary>
public sealed class MetaSgdDefinition : IAlgorithmDefinition
{
    /// <inheritdoc />
    public string Name => "meta-sgd";

    /// <inheritdoc />
    public string Summary => "MAML that learns an inner rate for every weight, one step (Li et al. 2017)";

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } =
    [
        nameof(RunOptions.InnerLr), nameof(RunOptions.InnerSteps), nameof(RunOptions.EvalInnerSteps),
        nameof(RunOptions.InnerClip), nameof(RunOptions.Recompute), nameof(RunOptions.MetaLr),
    ];

    /// <inheritdoc />
    /// <remarks>
    /// One step in training and in evaluation, as in the paper. Its first rates are random in 0.005 to 0.1 for the
    /// authors' losses; here all are one value that suits a mean loss, as for MAML.
    /// </remarks>
    public RunOptions Defaults { get; } = new()
    {
        InnerLr = 1.0, InnerSteps = 1, EvalInnerSteps = 1, MetaOptimizer = MetaOptimizers.Adam, MetaLr = 0.003,
    };

    /// <inheritdoc />
    /// <remarks>The network's, then <c>rate.…</c> of the shape of each.</remarks>
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape)
    {
        ImmutableArray<ParameterDefinition> network = ModelCatalog.Parameters(options.ModelSpec(shape.Input, shape.Outputs(options)));
        Initializer rate = Initializers.Constant(options.InnerLr!.Value);
        return
        [
            .. network,
            .. network.Select(parameter => new ParameterDefinition(
                parameter.Entry with { Name = $"rate.{parameter.Entry.Name}" }, rate, ParameterRole.Rule)),
        ];
    }
}
