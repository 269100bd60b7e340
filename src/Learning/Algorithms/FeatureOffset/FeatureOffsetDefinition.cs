using System.Collections.Immutable;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Optimization;

namespace MetaMap.Learning.Algorithms;

/// <summary>One feature map for all tasks and one offset in feature space for each: g(x) = f(x) + theta (the project's essay).</summary>
internal sealed class FeatureOffsetDefinition : IAlgorithm
{
    /// <summary>Its name in options.</summary>
    public const string NameInOptions = "feature-offset";

    private static readonly Registry<OffsetSolver> _solvers = new(
        "offset-solver", new OffsetSolver(FeatureOffsetOptions.ClosedForm, new ClosedFormOptions()), new OffsetSolver(FeatureOffsetOptions.Gradient, new GradientOptions()));

    /// <inheritdoc />
    public string Name => NameInOptions;

    /// <inheritdoc />
    public string Summary => "a shared feature map and a task's own offset, g(x) = f(x) + theta (the project's essay)";

    /// <inheritdoc />
    public object Options { get; } = new FeatureOffsetOptions();

    /// <inheritdoc />
    public IReadOnlyDictionary<string, object> Advice { get; } =
        new Dictionary<string, object> { ["meta_optimizer"] = MetaOptimizers.Adam, ["meta_lr"] = 0.001 };

    /// <inheritdoc />
    public ImmutableArray<IPart> Choices => [.. _solvers.All];

    /// <inheritdoc />
    public IEnumerable<IPart> Chosen(object options) => [_solvers[((FeatureOffsetOptions)options).OffsetSolver]];

    /// <inheritdoc />
    /// <remarks>The parameters of the network's body; for regression also those of its head.</remarks>
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape) =>
    [
        .. shape.Network(options)
            .Where(definition => shape.TargetLength > 0 || definition.Role != ParameterRole.Head),
    ];

    /// <inheritdoc />
    public IMetaAlgorithm Create(RunOptions options, DatasetCatalog catalog) =>
        new FeatureOffset(options.Find<ClosedFormOptions>(), options.Find<GradientOptions>(), catalog.IsRegression);

    private sealed record OffsetSolver(string Name, object Options) : IPart;
}
