using System.Collections.Immutable;
using System.ComponentModel;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Optimization;

namespace MetaMap.Learning.Algorithms;

/// <summary>Supervised training on minibatches of all classes, as in the first step of the project's essay.</summary>
internal sealed class SupervisedDefinition : IAlgorithm
{
    /// <inheritdoc />
    public string Name => RunOptions.SupervisedAlgorithm;

    /// <inheritdoc />
    public string Summary => "no meta-learning: minibatches of all classes, the first step of the project's essay";

    /// <inheritdoc />
    public object Options { get; } = new SupervisedOptions();

    /// <inheritdoc />
    /// <remarks>The essay's: SGD 0.01, momentum 0.9, pixels (x - 0.5) / 0.5, the plain CNN.</remarks>
    public IReadOnlyDictionary<string, object> Advice { get; } = new Dictionary<string, object>
    {
        ["model"] = "cnn", ["meta_optimizer"] = MetaOptimizers.Sgd, ["meta_lr"] = 0.01, ["meta_momentum"] = 0.9, ["block"] = 1, ["pixel_mean"] = 0.5, ["pixel_std"] = 0.5,
    };

    /// <inheritdoc />
    /// <remarks>Where there are no images the essay's steps are far too small: Adam (docs/RESULTS.md).</remarks>
    public IReadOnlyDictionary<string, object> AdviceOn(IDatasetDefinition dataset) => dataset.Options is ImageOptions ? Advice
        : new Dictionary<string, object> { ["meta_optimizer"] = MetaOptimizers.Adam, ["meta_lr"] = 0.01, ["block"] = 1 };

    /// <inheritdoc />
    public ImmutableArray<string> Unread => ["ways", "shots", "queries", "split", "meta_batch", "iterations", "eval_episodes", "validation_episodes"];

    /// <inheritdoc />
    /// <remarks>The network with an output for every class, and first values as in PyTorch, whose head tells classes apart from the first step on.</remarks>
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape)
    {
        ImmutableArray<ParameterDefinition> network = shape.Network(options);
        return [.. network.Select(own => OfPyTorch(own, network))];
    }

    /// <inheritdoc />
    public IMetaAlgorithm Create(RunOptions options, DatasetCatalog catalog) => new Supervised();

    // The default of its convolutions and linear layers: weights and biases uniform in ±1 / sqrt(fan-in) (He et al. 2015 with a = sqrt(5)). Layers without a bias keep the network's own.
    private static ParameterDefinition OfPyTorch(ParameterDefinition own, ImmutableArray<ParameterDefinition> network)
    {
        string layer = own.Entry.Name[..(own.Entry.Name.LastIndexOf('.') + 1)];
        ParameterDefinition? weight = network.FirstOrDefault(other => other.Entry.Name == layer + "weight" && other.Entry.Shape.Length > 1);
        return weight is null || network.All(other => other.Entry.Name != layer + "bias") ? own
            : own with { Initializer = Initializers.Uniform(1 / Math.Sqrt((double)weight.Entry.Length / weight.Entry.Shape[0])) };
    }
}

/// <summary>Options of <see cref="SupervisedDefinition"/>.</summary>
internal sealed record SupervisedOptions : ITrainsOnExamples
{
    /// <inheritdoc />
    [Description("Epochs: how often each training example is trained on."), AtLeast(1), AtMost(100_000)]
    public int Epochs { get; init; } = 1;

    /// <inheritdoc />
    [Description("Examples of a minibatch."), AtLeast(1), AtMost(1_000_000)]
    public int BatchSize { get; init; } = 64;

    /// <inheritdoc />
    [Description("Examples of a minibatch that are computed together, the unit of work beside --block; part of the result's bits."), AtLeast(1), AtMost(10_000)]
    public int Slice { get; init; } = 16;
}
