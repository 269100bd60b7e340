using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Core.Aggregation;
using MetaMap.Core.Algorithms;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Models;
using MetaMap.Core.Optimization;

namespace MetaMap.Cli.Options;

/// <summary>What each run option is, in the order of the help: who reads it, and the default where it is fixed.</summary>
internal static class RunOptionTexts
{
    private static readonly RunOptions _defaults = new();

    /// <summary>The texts by property of <see cref="RunOptions"/>. Names of parts come from the registries, plug-ins included.</summary>
    public static ImmutableArray<(string Property, string Text)> All { get; } =
    [
        (nameof(RunOptions.Dataset), $"Dataset: {OneOf(DatasetRegistry.Names)}. Default {_defaults.Dataset}."),
        (nameof(RunOptions.Split), "Class split: seeded or official (the dataset's own, where it has one). The default is the dataset's."),
        (nameof(RunOptions.Ways), "Classes per episode, of datasets with classes. The default is the dataset's, 5 for most."),
        (nameof(RunOptions.Shots), $"Support examples per class, or per episode of a regression. Default {_defaults.Shots}."),
        (nameof(RunOptions.Queries), $"Query examples per class, or per episode of a regression. Default {_defaults.Queries}."),
        Read(nameof(RunOptions.ImageSize), "Side in pixels that images are resized to."),
        Read(nameof(RunOptions.TextLength), "Bytes of a text that are read; shorter texts are padded, longer ones cut."),
        Read(nameof(RunOptions.TaskColumn), "Name of the column that tells tasks apart."),
        Read(nameof(RunOptions.TargetColumn), "Name of the column to predict."),
        Read(nameof(RunOptions.Target), "What the column to predict holds: class (a label) or value (a number)."),
        (nameof(RunOptions.Algorithm), $"Meta-algorithm: {OneOf(AlgorithmCatalog.Names)}. Default {_defaults.Algorithm}."),
        (nameof(RunOptions.Model), $"Network: {OneOf(ModelCatalog.Names)}. The default is the dataset's, {ModelCatalog.Conv4Stride} for images."),
        Read(nameof(RunOptions.Filters), "Filters per convolution (of the first block of resnet12)."),
        Read(nameof(RunOptions.Hidden), "Widths of hidden layers, separated by commas, such as 40,40, or none."),
        Read(nameof(RunOptions.EmbeddingSize), "Length of the vector that stands for a token or an item."),
        (nameof(RunOptions.InnerLr), "Inner-loop learning rate under a mean loss. The default is the dataset's or the algorithm's."),
        (nameof(RunOptions.InnerSteps), "Inner-loop steps in training. The default is the algorithm's."),
        (nameof(RunOptions.EvalInnerSteps), "Inner-loop steps in evaluation. The default is the algorithm's."),
        (nameof(RunOptions.InnerOptimizer), $"Inner-loop optimiser: {OneOf(InnerOptimizers.All.Names)}. The default is the algorithm's, sgd for most."),
        Read(nameof(RunOptions.InnerMomentum), "Momentum of the inner loop, below 1."),
        Read(nameof(RunOptions.InnerClip), "Largest Euclidean norm of an inner-loop gradient. Default: off."),
        Read(nameof(RunOptions.InnerBatch), "Examples per inner step, drawn from the episode. Default: all."),
        Read(nameof(RunOptions.Recompute), "Rebuild the graph of each inner step on the way back: less memory, more time. Default: off."),
        Read(nameof(RunOptions.MultiStepIterations), "Meta-iterations in which the loss after every inner step counts."),
        Read(nameof(RunOptions.FirstOrderIterations), "Meta-iterations of first order before those of second order."),
        Read(nameof(RunOptions.ContextSize), "Number of context parameters."),
        Read(nameof(RunOptions.ProximalStrength), "Strength of the pull towards the meta-parameters."),
        Read(nameof(RunOptions.CgSteps), "Conjugate-gradient steps."),
        Read(nameof(RunOptions.OffsetSolver), "How the offset of the features is found: closed-form or gradient."),
        Read(nameof(RunOptions.OffsetRidge), "Ridge that holds the closed-form offset near zero."),
        (nameof(RunOptions.MetaLr), "Outer-loop learning rate. The default is the algorithm's, 0.003 for most."),
        (nameof(RunOptions.MetaLrFinal), "Outer-loop learning rate at the last iteration, reached along a cosine. Default: constant."),
        (nameof(RunOptions.WarmupIterations), $"Meta-iterations in which the outer-loop learning rate rises from near zero. Default {_defaults.WarmupIterations}."),
        (nameof(RunOptions.MetaOptimizer), $"Outer-loop optimiser: {OneOf(MetaOptimizers.All.Names)}. The default is the algorithm's, adam for most."),
        Read(nameof(RunOptions.MetaMomentum), "Momentum of the outer loop, below 1."),
        Read(nameof(RunOptions.WeightDecay), "Weight decay of the outer loop."),
        (nameof(RunOptions.MetaClip), "Largest Euclidean norm of the mean meta-gradient. Default: off."),
        (nameof(RunOptions.Aggregation), $"How the blocks' mean gradients become one: {OneOf(Aggregations.All.Names)}. Default {_defaults.Aggregation}."),
        Read(nameof(RunOptions.Trim), "Share of the blocks that is dropped at each end in every coordinate."),
        (nameof(RunOptions.BlockClip), "Largest Euclidean norm of a block's mean gradient. Default: off."),
        (nameof(RunOptions.OutlierFactor), "A block whose mean gradient is longer than this many times the median of its iteration does not count. Default: off."),
        (nameof(RunOptions.MetaBatch), $"Episodes per meta-iteration. Default {_defaults.MetaBatch}."),
        (nameof(RunOptions.Block), $"Episodes per block, the unit of work; part of the result's bits. Default {_defaults.Block}."),
        (nameof(RunOptions.Iterations), $"Meta-iterations. Default {_defaults.Iterations}."),
        (nameof(RunOptions.Seed), $"Seed of split, first parameters and episodes. Default {_defaults.Seed}."),
        (nameof(RunOptions.EvalEpisodes), $"Test episodes at the end. Default {_defaults.EvalEpisodes}."),
        (nameof(RunOptions.ValidationInterval), $"Meta-iterations between measurements on the validation classes, of which the best version is kept; 0: never. Default {_defaults.ValidationInterval}."),
        (nameof(RunOptions.ValidationEpisodes), $"Episodes of one measurement on the validation classes. Default {_defaults.ValidationEpisodes}."),
        (nameof(RunOptions.Patience), $"Measurements on the validation classes without a better one that end training; 0: no end. Default {_defaults.Patience}."),
    ];

    /// <summary>The text of an option that only some parts read, with their names.</summary>
    private static (string Property, string Text) Read(string property, string text)
    {
        IEnumerable<IOptionReader> parts =
            [.. DatasetRegistry.All.All, .. AlgorithmCatalog.All.All, .. ModelCatalog.All.All, .. InnerOptimizers.All.All, .. MetaOptimizers.All.All, .. Aggregations.All.All];
        string[] readers = [.. parts.Where(part => part.Reads.Contains(property)).Select(part => part.Name).Distinct()];
        object[] defaults = [.. parts.Where(part => part.Reads.Contains(property))
            .Select(part => typeof(RunOptions).GetProperty(property)!.GetValue(part.Defaults)).OfType<object>().Distinct()];
        return (property, text
            + (readers.Length > 0 ? $" Read by {string.Join(", ", readers)}." : "")
            + (defaults.Length == 1 ? string.Create(CultureInfo.InvariantCulture, $" Default {defaults[0]}.") : ""));
    }

    private static string OneOf(ImmutableArray<string> names) =>
        names.Length < 2 ? string.Concat(names) : $"{string.Join(", ", names[..^1])} or {names[^1]}";
}
