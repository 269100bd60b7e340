using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Optimization;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Algorithms;

/// <summary>One feature map for all tasks and one offset in feature space for each: g(x) = f(x) + theta (the project's essay).</summary>
public sealed class FeatureOffsetDefinition : IAlgorithmDefinition
{
    /// <inheritdoc />
    public string Name => "feature-offset";

    /// <inheritdoc />
    public string Summary => "a shared feature map and a task's own offset, g(x) = f(x) + theta (the project's essay)";

    /// <inheritdoc />
    /// <remarks>What the chosen solver reads comes with it.</remarks>
    public ImmutableArray<string> Reads { get; } = [nameof(RunOptions.OffsetSolver), nameof(RunOptions.MetaLr)];

    /// <inheritdoc />
    public RunOptions Defaults { get; } = new()
    {
        OffsetSolver = OffsetSolvers.ClosedForm, MetaOptimizer = MetaOptimizers.Adam, MetaLr = 0.001,
    };

    /// <inheritdoc />
    public ImmutableArray<IOptionReader> ChosenParts(RunOptions options) => [OffsetSolvers.All[options.OffsetSolver ?? OffsetSolvers.ClosedForm]];

    /// <inheritdoc />
    /// <remarks>Those of the network's body; for regression those of its head, too.</remarks>
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape) =>
    [
        .. shape.Network(options)
            .Where(definition => shape.TargetLength > 0 || definition.Role != ParameterRole.Head),
    ];
}
