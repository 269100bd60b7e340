using System.Collections.Immutable;
using System.ComponentModel;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Optimization;

namespace MetaMap.Learning.Algorithms;

/// <summary>Supervised training over all training classes, fine-tuned on each new episode: the baseline for meta-learning.</summary>
internal sealed class PretrainDefinition : IAlgorithm
{
    /// <inheritdoc />
    public string Name => "pretrain";

    /// <inheritdoc />
    public string Summary => "supervised training over all training classes, then fine-tuning with a fresh head: the baseline";

    /// <inheritdoc />
    public object Options { get; } = new PretrainOptions();

    /// <inheritdoc />
    public IReadOnlyDictionary<string, object> Advice { get; } =
        new Dictionary<string, object> { ["meta_optimizer"] = MetaOptimizers.Sgd, ["meta_lr"] = 0.01, ["meta_momentum"] = 0.9 };

    /// <inheritdoc />
    /// <remarks>The network with an output for every training class.</remarks>
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape) =>
        options.ModelSpec(shape.Input, shape.TargetLength > 0 ? shape.TargetLength : shape.TrainingClasses).Parameters();

    /// <inheritdoc />
    public IMetaAlgorithm Create(RunOptions options, DatasetCatalog catalog) =>
        new Pretrain(options.Of<PretrainOptions>().InnerLr, catalog.IsRegression ? null : TrainingLabels.Of(options, catalog));
}

/// <summary>Options of <see cref="PretrainDefinition"/>.</summary>
internal sealed record PretrainOptions : IAdaptsInEvaluation
{
    /// <summary>Rate of fine-tuning under a mean loss.</summary>
    [Description("Inner-loop learning rate under a mean loss."), AtLeast(0)]
    public double InnerLr { get; init; } = 0.01;

    /// <inheritdoc />
    [Description("Inner-loop steps in evaluation."), AtLeast(0), AtMost(IAdaptsInEvaluation.MostInnerSteps)]
    public int EvalInnerSteps { get; init; } = 50;
}
