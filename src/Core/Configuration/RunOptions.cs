using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Core.Aggregation;
using MetaMap.Core.Algorithms;
using MetaMap.Core.Episodes;
using MetaMap.Core.Models;

namespace MetaMap.Core.Configuration;

/// <summary>
/// Everything that determines the bits of a run: what is learned, from what, how, and for how long. Nothing here
/// depends on where or on how many workers the run is computed. Written to <c>config.json</c>.
/// </summary>
public sealed record RunOptions
{
    /// <summary>Optional options that every run reads.</summary>
    internal static ImmutableArray<string> ReadByAll { get; } =
        [nameof(Model), nameof(MetaOptimizer), nameof(MetaLrFinal), nameof(MetaClip), nameof(BlockClip), nameof(OutlierFactor)];

    /// <summary>Dataset name: <c>glyphs</c> (default), or another of <see cref="Data.DatasetRegistry"/>.</summary>
    public string Dataset { get; init; } = "glyphs";

    /// <summary>How classes are split: <c>seeded</c> (shuffled by <see cref="Seed"/>) or <c>official</c> (the dataset's own).</summary>
    public string? Split { get; init; }

    /// <summary>Classes per episode, 2 or more; default 5. Read by datasets with classes, not by regression.</summary>
    public int? Ways { get; init; }

    /// <summary>Support examples per class (per episode for regression), 1 or more. Default 1.</summary>
    public int Shots { get; init; } = 1;

    /// <summary>Query examples per class (per episode for regression), 1 or more. Default 1 (as many as shots, Finn et al. 2017, Omniglot): the cheapest episode.</summary>
    public int Queries { get; init; } = 1;

    /// <summary>Side in pixels that the images of a folder are resized to, 1 to 4096.</summary>
    public int? ImageSize { get; init; }

    /// <summary>Bytes of a text that are read, 1 or more; shorter texts are padded, longer ones cut.</summary>
    public int? TextLength { get; init; }

    /// <summary>CSV: name of the column that tells tasks apart.</summary>
    public string? TaskColumn { get; init; }

    /// <summary>CSV: name of the column to predict.</summary>
    public string? TargetColumn { get; init; }

    /// <summary>CSV: <c>class</c> (the target is a label) or <c>value</c> (the target is a number).</summary>
    public string? Target { get; init; }

    /// <summary>Meta-algorithm: <c>maml</c> (default, true second order), or another of <see cref="AlgorithmCatalog"/>.</summary>
    public string Algorithm { get; init; } = "maml";

    /// <summary>Network, one of <see cref="ModelCatalog"/>; the default is the dataset's, e.g. <c>conv4-stride</c>.</summary>
    public string? Model { get; init; }

    /// <summary>Filters per convolution, 1 or more; default 64 (Finn et al. 2017, Omniglot).</summary>
    public int? Filters { get; init; }

    /// <summary>Widths of hidden layers, separated by commas, e.g. <c>40,40</c>, or <c>none</c>.</summary>
    public string? Hidden { get; init; }

    /// <summary>Length of the vector that stands for a token or an item, 1 or more.</summary>
    public int? EmbeddingSize { get; init; }

    /// <summary>Inner-loop learning rate under a mean loss, 0 or more (Finn et al. 2017 use 0.4 under a sum over ways, 2.0 under the mean).</summary>
    public double? InnerLr { get; init; }

    /// <summary>Inner-loop steps in training, 1 or more.</summary>
    public int? InnerSteps { get; init; }

    /// <summary>Inner-loop steps in evaluation, 0 or more.</summary>
    public int? EvalInnerSteps { get; init; }

    /// <summary>Inner-loop optimiser: <c>sgd</c>, <c>momentum</c> or <c>adam</c>.</summary>
    public string? InnerOptimizer { get; init; }

    /// <summary>Momentum of the inner-loop optimiser, 0 to below 1.</summary>
    public double? InnerMomentum { get; init; }

    /// <summary>Largest Euclidean norm of an inner-loop gradient, above 0; longer ones are scaled down. Off when absent.</summary>
    public double? InnerClip { get; init; }

    /// <summary>Examples per inner step, drawn from the episode, 1 or more; all of them when absent.</summary>
    public int? InnerBatch { get; init; }

    /// <summary>Keep only the fast weights of each inner step and rebuild its graph on the way back: memory stays flat in the number of steps, at the cost of a second forward pass.</summary>
    public bool? Recompute { get; init; }

    /// <summary>MAML++: meta-iterations over which the loss after every inner step counts, with weights that move to the last one; 0 or more.</summary>
    public int? MultiStepIterations { get; init; }

    /// <summary>MAML++: meta-iterations of first order before those of second order, 0 or more.</summary>
    public int? FirstOrderIterations { get; init; }

    /// <summary>CAVIA: number of context parameters, 1 or more.</summary>
    public int? ContextSize { get; init; }

    /// <summary>iMAML: strength lambda of the pull towards the meta-parameters, above 0.</summary>
    public double? ProximalStrength { get; init; }

    /// <summary>iMAML: conjugate-gradient steps, 1 or more.</summary>
    public int? CgSteps { get; init; }

    /// <summary>Feature offset: how the offset is found, <c>closed-form</c> or <c>gradient</c>.</summary>
    public string? OffsetSolver { get; init; }

    /// <summary>Feature offset: ridge that holds the closed-form offset near zero, 0 or more.</summary>
    public double? OffsetRidge { get; init; }

    /// <summary>Outer-loop learning rate, above 0. The default is the algorithm's, 0.003 for most.</summary>
    public double? MetaLr { get; init; }

    /// <summary>Outer-loop learning rate at the last iteration; it falls from <see cref="MetaLr"/> along a cosine. Equal to <see cref="MetaLr"/> when absent.</summary>
    public double? MetaLrFinal { get; init; }

    /// <summary>Meta-iterations over which the outer-loop learning rate rises from near zero, 0 (default) or more.</summary>
    public int WarmupIterations { get; init; }

    /// <summary>Outer-loop optimiser: <c>adam</c> (default for most algorithms), <c>adamw</c> or <c>sgd</c>.</summary>
    public string? MetaOptimizer { get; init; }

    /// <summary>Momentum of the outer-loop optimiser <c>sgd</c>, 0 to below 1.</summary>
    public double? MetaMomentum { get; init; }

    /// <summary>Weight decay of the outer-loop optimiser, 0 or more: added to the gradient by <c>sgd</c>, decoupled in <c>adamw</c>.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Largest Euclidean norm of the mean meta-gradient, above 0; longer ones are scaled down. Off when absent.</summary>
    public double? MetaClip { get; init; }

    /// <summary>How the blocks' mean gradients become one: <c>mean</c> (default), or another of <see cref="Aggregations"/>.</summary>
    public string Aggregation { get; init; } = Aggregations.Mean;

    /// <summary>Trimmed mean: share of the blocks that is dropped at each end in every coordinate, rounded up, above 0 and below 0.5.</summary>
    public double? Trim { get; init; }

    /// <summary>Largest Euclidean norm of a block's mean gradient, above 0; longer ones are scaled down. Off when absent.</summary>
    public double? BlockClip { get; init; }

    /// <summary>A block whose mean gradient is longer than this many times the median of its iteration does not count, above 1. Off when absent.</summary>
    public double? OutlierFactor { get; init; }

    /// <summary>Episodes per meta-iteration, 1 to 1,000,000 (a meta-batch is held in memory). Default 16.</summary>
    public int MetaBatch { get; init; } = 16;

    /// <summary>Episodes per block (the unit of work of a worker lane), 1 or more. Part of the bits: sums are taken per block. Default 4.</summary>
    public int Block { get; init; } = 4;

    /// <summary>Meta-iterations, 1 or more. Default 400.</summary>
    public int Iterations { get; init; } = 400;

    /// <summary>Seed of the class split, the initial parameters and every episode. Default 1.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Test episodes evaluated at the end, 0 or more (0: none). Default 600.</summary>
    public int EvalEpisodes { get; init; } = 600;

    /// <summary>Meta-iterations between measurements on the validation classes, 0 (default: never) or more. The best version is the one that is kept.</summary>
    public int ValidationInterval { get; init; }

    /// <summary>Episodes of one measurement on the validation classes, 1 or more. Default 200.</summary>
    public int ValidationEpisodes { get; init; } = 200;

    /// <summary>Measurements on the validation classes without a better one after which training stops early, 0 (default: never) or more.</summary>
    public int Patience { get; init; }

    /// <summary>The episode form; a regression episode has one class.</summary>
    public EpisodeShape EpisodeShape() => new(Ways ?? 1, Shots, Queries);

    /// <summary>The network for inputs of a given shape.</summary>
    /// <param name="input">Shape of one input.</param>
    /// <param name="outputs">Classes to tell apart or values to predict.</param>
    public ModelSpec ModelSpec(Data.InputShape input, int outputs) => new(
        Model ?? throw new InvalidOperationException("The options are not resolved."), input, outputs, Filters ?? 64)
    {
        Hidden = Hidden ?? "", EmbeddingSize = EmbeddingSize ?? 0,
    };

    /// <summary>Fills in every option that was left open, by the defaults of the parts that read it, and checks all. A resolved record stays as it is.</summary>
    /// <exception cref="ConfigurationException">A value out of range, an unknown name, or an option that nothing reads, in one sentence.</exception>
    public RunOptions Resolve()
    {
        RunOptions resolved = RunParts.Resolve(this);
        resolved.CheckRanges();
        return resolved;
    }

    /// <summary>Leaves open every option that none of the named parts reads, so that resolved options can go on with another algorithm.</summary>
    /// <exception cref="ConfigurationException">An unknown name.</exception>
    public RunOptions WithoutUnread() => RunParts.Forget(this);

    private void CheckRanges()
    {
        RequireAtLeast("ways", Ways, 2);
        RequireAtLeast("shots", Shots, 1);
        RequireAtLeast("queries", Queries, 1);
        RequireAtLeast("image-size", ImageSize, 1);
        RequireAtMost("image-size", ImageSize, 4096);
        RequireAtLeast("text-length", TextLength, 1);
        RequireAtMost("text-length", TextLength, 1_000_000);
        RequireAtLeast("filters", Filters, 1);
        RequireAtLeast("embedding-size", EmbeddingSize, 1);
        RequireAtLeast("inner-steps", InnerSteps, 1);
        RequireAtLeast("eval-inner-steps", EvalInnerSteps, 0);
        RequireAtLeast("inner-batch", InnerBatch, 1);
        RequireAtLeast("multi-step-iterations", MultiStepIterations, 0);
        RequireAtLeast("first-order-iterations", FirstOrderIterations, 0);
        RequireAtLeast("context-size", ContextSize, 1);
        RequireAtLeast("cg-steps", CgSteps, 1);
        RequireAtLeast("meta-batch", MetaBatch, 1);
        RequireAtMost("meta-batch", MetaBatch, 1_000_000);
        RequireAtLeast("block", Block, 1);
        RequireAtLeast("iterations", Iterations, 1);
        RequireAtLeast("warmup-iterations", WarmupIterations, 0);
        RequireAtLeast("eval-episodes", EvalEpisodes, 0);
        RequireAtLeast("validation-interval", ValidationInterval, 0);
        RequireAtLeast("validation-episodes", ValidationEpisodes, 1);
        RequireAtLeast("patience", Patience, 0);
        RequireRate("inner-lr", InnerLr, zeroAllowed: true);
        RequireRate("inner-clip", InnerClip, zeroAllowed: false);
        RequireRate("inner-momentum", InnerMomentum, zeroAllowed: true);
        RequireBelow("inner-momentum", InnerMomentum, 1);
        RequireRate("proximal-strength", ProximalStrength, zeroAllowed: false);
        RequireRate("offset-ridge", OffsetRidge, zeroAllowed: true);
        RequireRate("meta-lr", MetaLr, zeroAllowed: false);
        RequireRate("meta-lr-final", MetaLrFinal, zeroAllowed: true);
        RequireRate("meta-momentum", MetaMomentum, zeroAllowed: true);
        RequireBelow("meta-momentum", MetaMomentum, 1);
        RequireRate("weight-decay", WeightDecay, zeroAllowed: true);
        RequireRate("meta-clip", MetaClip, zeroAllowed: false);
        RequireRate("block-clip", BlockClip, zeroAllowed: false);
        RequireAbove("outlier-factor", OutlierFactor, 1);
        RequireRate("trim", Trim, zeroAllowed: false);
        RequireBelow("trim", Trim, 0.5);
        Aggregations.Check(this);
        RequireName("target", Target, ["class", "value"]);
        RequireName("offset-solver", OffsetSolver, ["closed-form", "gradient"]);
        if (Patience > 0 && ValidationInterval == 0)
        {
            throw new ConfigurationException("--patience counts measurements on the validation classes, but --validation-interval is 0; give it an interval.");
        }
    }

    private static void RequireAtLeast(string name, int? value, int least)
    {
        if (value < least)
        {
            throw new ConfigurationException($"--{name} is {value}, but it must be {least} or more.");
        }
    }

    private static void RequireAtMost(string name, int? value, int most)
    {
        if (value > most)
        {
            throw new ConfigurationException($"--{name} is {value}, but it must be {most} or less.");
        }
    }

    private static void RequireRate(string name, double? value, bool zeroAllowed)
    {
        if (value is { } rate && (!double.IsFinite(rate) || rate < 0 || (rate == 0 && !zeroAllowed)))
        {
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture,
                $"--{name} is {value}, but it must be a finite number {(zeroAllowed ? "of 0 or more" : "above 0")}."));
        }
    }

    private static void RequireBelow(string name, double? value, double limit)
    {
        if (value >= limit)
        {
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"--{name} is {value}, but it must be below {limit}."));
        }
    }

    private static void RequireAbove(string name, double? value, double limit)
    {
        if (value is { } number && !(double.IsFinite(number) && number > limit))
        {
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"--{name} is {value}, but it must be a finite number above {limit}."));
        }
    }

    private static void RequireName(string name, string? value, ImmutableArray<string> known)
    {
        if (value is not null && !known.Contains(value))
        {
            throw new ConfigurationException($"There is no {name} '{value}'; choose one of {string.Join(", ", known)}.");
        }
    }
}
