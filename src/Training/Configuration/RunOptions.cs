using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Serialization;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Training.Aggregation;
using MetaMap.Training.Optimization;

namespace MetaMap.Training.Configuration;

/// <summary>
/// Everything that determines the bits of a run: what is learned, from what, how, and for how long. Nothing here depends on
/// where or on how many workers the run is computed. Options of every run are declared here, those of its parts in their own
/// records (<see cref="Of{T}"/>). Made from <see cref="OptionValues"/> by <see cref="RunOptionsResolver"/>; written to <c>config.json</c>.
/// </summary>
public sealed record RunOptions : IValidatableObject
{
    /// <summary>The value of <see cref="Batching"/> for the fastest way there is.</summary>
    public const string Batched = "auto";

    /// <summary>The value of <see cref="Batching"/> for libtorch's graphs, one episode after the other.</summary>
    public const string Unbatched = "off";

    /// <summary>The key of <see cref="InitSha256"/>.</summary>
    public const string InitKey = "init_sha256";

    /// <summary>The value of <see cref="Algorithm"/> for supervised training.</summary>
    public const string SupervisedAlgorithm = "supervised";

    /// <summary>Name of one of <see cref="PartRegistry.Datasets"/>.</summary>
    [JsonInclude, Description("Dataset."), Category("Data")]
    public string Dataset { get; internal init; } = "glyphs";

    /// <summary>Support examples per class (per episode for regression).</summary>
    [Description("Support examples per class, or per episode of a regression."), Category("Data"), AtLeast(1)]
    public int Shots { get; init; } = 1;

    /// <summary>Query examples per class (per episode for regression). As many as shots (Finn et al. 2017, Omniglot): the cheapest episode.</summary>
    [Description("Query examples per class, or per episode of a regression."), Category("Data"), AtLeast(1)]
    public int Queries { get; init; } = 1;

    /// <summary>Name of one of <see cref="PartRegistry.Algorithms"/>.</summary>
    [JsonInclude, Description("Meta-algorithm."), Category("Algorithm")]
    public string Algorithm { get; internal init; } = "maml";

    /// <summary>Name of one of <see cref="PartRegistry.Models"/>; the default is the dataset's.</summary>
    [JsonInclude, Description("Network."), Category("Model")]
    public string Model { get; internal init; } = "conv4-stride";

    /// <summary>Outer-loop learning rate; the default is the algorithm's.</summary>
    [Description("Outer-loop learning rate."), Category("Outer loop"), Above(0)]
    public double MetaLr { get; init; } = 0.003;

    /// <summary>Outer-loop learning rate at the last iteration, reached from <see cref="MetaLr"/> along a cosine; null for a constant one.</summary>
    [Description("Outer-loop learning rate at the last iteration, reached along a cosine. Default: constant."), Category("Outer loop"), AtLeast(0)]
    public double? MetaLrFinal { get; init; }

    /// <summary>Meta-iterations over which the outer-loop learning rate rises from near zero.</summary>
    [Description("Meta-iterations in which the outer-loop learning rate rises from near zero."), Category("Outer loop"), AtLeast(0)]
    public int WarmupIterations { get; init; }

    /// <summary>Name of one of <see cref="MetaOptimizers"/>; the default is the algorithm's.</summary>
    [JsonInclude, Description("Outer-loop optimiser."), Category("Outer loop")]
    public string MetaOptimizer { get; internal init; } = MetaOptimizers.Adam;

    /// <summary>Largest Euclidean norm of the mean meta-gradient; longer ones are scaled down. Off when null.</summary>
    [Description("Largest Euclidean norm of the mean meta-gradient. Default: off."), Category("Outer loop"), Above(0)]
    public double? MetaClip { get; init; }

    /// <summary>Name of one of <see cref="Aggregations"/>.</summary>
    [JsonInclude, Description("How the blocks' mean gradients become one."), Category("Outer loop")]
    public string Aggregation { get; internal init; } = Aggregations.Mean;

    /// <summary>Largest Euclidean norm of a block's mean gradient; longer ones are scaled down. Off when null.</summary>
    [Description("Largest Euclidean norm of a block's mean gradient. Default: off."), Category("Outer loop"), Above(0)]
    public double? BlockClip { get; init; }

    /// <summary>A block whose mean gradient is longer than this many times the median of its iteration does not count. Off when null.</summary>
    [Description("A block whose mean gradient is longer than this many times the median of its iteration does not count. Default: off."), Category("Outer loop"), Above(1)]
    public double? OutlierFactor { get; init; }

    /// <summary>Episodes per meta-iteration; a meta-batch is held in memory.</summary>
    [Description("Episodes per meta-iteration."), Category("Outer loop"), AtLeast(1), AtMost(1_000_000)]
    public int MetaBatch { get; init; } = 16;

    /// <summary>Episodes per block (the unit of work of a worker lane). Part of the bits: sums are taken per block.</summary>
    [Description("Episodes per block, the unit of work; part of the result's bits."), Category("Outer loop"), AtLeast(1)]
    public int Block { get; init; } = 4;

    /// <summary>Whether meta-gradients are computed layer by layer (where network and algorithm can) and on a GPU side by side, or through graphs of libtorch one episode after the other. Part of the bits.</summary>
    [Description("How meta-gradients are computed, part of the result's bits. auto: layer by layer, some times faster, where network and algorithm can, and on a GPU the episodes of a block side by side; a number: so many of them at a time, for blocks that are larger than a GPU holds; off: through graphs of libtorch, one episode after the other."), Category("Outer loop")]
    [WordOrCount(Batched, Unbatched)]
    public string Batching { get; init; } = Batched;

    /// <summary>Meta-iterations.</summary>
    [Description("Meta-iterations; 0: none, the model is the one that the run starts from."), Category("Run"), AtLeast(0)]
    public int Iterations { get; init; } = 400;

    /// <summary>Seed of the class split, the initial parameters and every episode.</summary>
    [Description("Seed of split, first parameters and episodes."), Category("Run")]
    public long Seed { get; init; } = 1;

    /// <summary>SHA-256 (hex, lower case) of the parameters that the run starts from; null: those drawn by the seed. On the command line <c>--init</c> names their file.</summary>
    [Description("SHA-256 that the parameters of --init must have; --init fills it in."), Category("Run")]
    public string? InitSha256 { get; init; }

    /// <summary>Test episodes evaluated at the end; 0 for none.</summary>
    [Description("Test episodes at the end of `metamap train`; 0: none."), Category("Evaluation"), AtLeast(0), AtMost(1_000_000)]
    public int EvalEpisodes { get; init; } = 600;

    /// <summary>Meta-iterations between measurements on the validation classes, 0 for never. The best version is the one that is kept.</summary>
    [Description("Meta-iterations between measurements on the validation classes, of which the best version is kept; 0: never."), Category("Evaluation"), AtLeast(0)]
    public int ValidationInterval { get; init; }

    /// <summary>Episodes of one measurement on the validation classes, all of which are held in memory.</summary>
    [Description("Episodes of each measurement on the validation classes; needs --validation-interval."), Category("Evaluation"), AtLeast(1), AtMost(1_000_000)]
    public int ValidationEpisodes { get; init; } = 200;

    /// <summary>Measurements on the validation classes without a better one after which training stops early; 0 for never.</summary>
    [Description("Ends training early after so many measurements in a row on the validation classes without a better one; needs --validation-interval. 0: never."), Category("Evaluation"), AtLeast(0)]
    public int Patience { get; init; }

    /// <summary>Whether meta-gradients may be computed otherwise than one episode after the other through graphs.</summary>
    [JsonIgnore]
    public bool IsBatched => Batching != Unbatched;

    /// <summary>Whether meta-gradients are computed layer by layer: network and algorithm can, with these options.</summary>
    [JsonIgnore]
    public bool IsLayered => IsBatched && AlgorithmDefinition.IsLayered(this) && Parts.Select(part => part.Part).OfType<IModelDefinition>().All(model => model.IsLayered);

    /// <summary>Episodes of a block that a GPU computes side by side, 1 to <see cref="Block"/>.</summary>
    [JsonIgnore]
    public int EpisodesSideBySide => int.TryParse(Batching, NumberStyles.None, CultureInfo.InvariantCulture, out int episodes) ? Math.Min(episodes, Block) : Block;

    /// <summary>The dataset.</summary>
    [JsonIgnore]
    public IDatasetDefinition DatasetDefinition => (IDatasetDefinition)Parts.First(part => part.Part is IDatasetDefinition).Part;

    /// <summary>The algorithm.</summary>
    [JsonIgnore]
    public IAlgorithmDefinition AlgorithmDefinition => (IAlgorithmDefinition)Parts.First(part => part.Part is IAlgorithmDefinition).Part;

    /// <summary>How classes are split; null for the dataset's own split where it has one.</summary>
    [JsonIgnore]
    public string? Split => Of<DatasetOptions>().Split;

    /// <summary>Inner steps in evaluation; 0 for algorithms that take none.</summary>
    [JsonIgnore]
    public int EvalInnerSteps => Find<IAdaptsInEvaluation>()?.EvalInnerSteps ?? 0;

    /// <summary>The form of an episode; a regression episode has one class.</summary>
    [JsonIgnore]
    public EpisodeShape EpisodeShape => Supervised is null ? new(Of<DatasetOptions>().EpisodeWays, Shots, Queries) : EpisodeShape.OfExamples;

    /// <summary>How the run trains on minibatches of all training examples; null where it trains on few-shot episodes.</summary>
    [JsonIgnore]
    public ITrainsOnExamples? Supervised => Find<ITrainsOnExamples>();

    /// <summary>The form of a training episode, where there are as many training classes.</summary>
    [JsonIgnore]
    public EpisodeShape TrainingEpisodeShape => EpisodeShape with { Ways = Find<IHasTrainingWays>()?.TrainingWays ?? EpisodeShape.Ways };

    internal ChosenParts Parts { get; init; } = new([]);

    /// <summary>The options of a part.</summary>
    /// <typeparam name="T">Their type, or a base or interface of it.</typeparam>
    /// <exception cref="InvalidOperationException">No part of this run has such options.</exception>
    public T Of<T>()
        where T : class => Find<T>() ?? throw new InvalidOperationException($"No part of the run has {typeof(T).Name}.");

    /// <summary>The options of a part, or null where no part of this run has such options.</summary>
    /// <typeparam name="T">Their type, or a base or interface of it.</typeparam>
    public T? Find<T>()
        where T : class => Parts.Select(part => part.Options).OfType<T>().FirstOrDefault();

    /// <summary>The network for inputs of a given shape.</summary>
    /// <param name="input">Shape of one input.</param>
    /// <param name="outputs">Classes to tell apart or values to predict.</param>
    public ModelSpec ModelSpec(InputShape input, int outputs)
    {
        (IPart part, object options) = Parts.First(part => part.Part is IModelDefinition);
        return new ModelSpec((IModelDefinition)part, input, outputs, options);
    }

    /// <summary>These options with the iterations that the epochs of a supervised run come to.</summary>
    /// <param name="examples">Training examples; null where it is not supervised.</param>
    public RunOptions WithIterationsFor(int? examples) => Supervised is { } supervised && examples is { } count
        ? this with { Iterations = checked(supervised.Epochs * supervised.IterationsOfEpoch(count)) } : this;

    /// <summary>How a run's blocks become one mean meta-gradient.</summary>
    internal IBlockAggregation CreateAggregation() => Create<AggregationDefinition, IBlockAggregation>((part, options) => part.Create(options));

    /// <summary>The optimiser of the outer loop.</summary>
    internal IMetaOptimizer CreateMetaOptimizer() => Create<MetaOptimizerDefinition, IMetaOptimizer>((part, options) => part.Create(options));

    /// <summary>A copy with other values, resolved again.</summary>
    /// <param name="values">Keys and values; null for the default.</param>
    /// <exception cref="ConfigurationException">A value out of range, an unknown name, or an option that nothing reads.</exception>
    public RunOptions With(params ReadOnlySpan<(string Key, object? Value)> values) => RunOptionsJson.Values(this).With(values).Resolve();

    /// <inheritdoc />
    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Patience > 0 && ValidationInterval == 0)
        {
            yield return new($"--patience is {Patience}, but it counts measurements on the validation classes and none is taken; give --validation-interval, the meta-iterations between two, as well.");
        }
    }

    private TResult Create<TPart, TResult>(Func<TPart, object, TResult> create)
    {
        (IPart part, object options) = Parts.First(part => part.Part is TPart);
        return create((TPart)part, options);
    }
}
