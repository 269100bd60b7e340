using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Models;
using MetaMap.Core.Optimization;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Algorithms;

/// <summary>Supervised training over all training classes, fine-tuned on each new episode: what meta-learning is compared with.</summary>
public sealed class PretrainDefinition : IAlgorithmDefinition
{
    /// <inheritdoc />
    public string Name => "pretrain";

    /// <inheritdoc />
    public string Summary => "supervised training over all training classes, then fine-tuning with a fresh head: the baseline";

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } = [nameof(RunOptions.InnerLr), nameof(RunOptions.EvalInnerSteps), nameof(RunOptions.MetaLr)];

    /// <inheritdoc />
    /// <remarks>The rate is that of fine-tuning, 50 steps long.</remarks>
    public RunOptions Defaults { get; } = new()
    {
        InnerLr = 0.01, EvalInnerSteps = 50, MetaOptimizer = MetaOptimizers.Sgd, MetaLr = 0.01, MetaMomentum = 0.9,
    };

    /// <inheritdoc />
    /// <remarks>The network with an output for every training class.</remarks>
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape) =>
        ModelCatalog.Parameters(options.ModelSpec(shape.Input, shape.TargetLength > 0 ? shape.TargetLength : shape.TrainingClasses));
}
