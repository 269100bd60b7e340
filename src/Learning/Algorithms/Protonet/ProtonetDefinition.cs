using System.Collections.Immutable;
using System.ComponentModel;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Optimization;

namespace MetaMap.Learning.Algorithms;

/// <summary>Prototypical networks (Snell et al. 2017): the nearest mean of a class in a learned feature space.</summary>
internal sealed class ProtonetDefinition : IAlgorithm
{
    // Cosines are 1 at most: without a factor, cross-entropy could not grow certain.
    private const double FirstScale = 10;

    /// <inheritdoc />
    public string Name => "protonet";

    /// <inheritdoc />
    public string Summary => "nearest class mean in a learned feature space; no inner loop (Snell et al. 2017)";

    /// <inheritdoc />
    public object Options { get; } = new ProtonetOptions();

    /// <inheritdoc />
    /// <remarks>Adam at 0.001; the authors halve it every 2,000 episodes (use <c>--meta-lr-final</c>).</remarks>
    public IReadOnlyDictionary<string, object> Advice { get; } =
        new Dictionary<string, object> { ["meta_optimizer"] = MetaOptimizers.Adam, ["meta_lr"] = 0.001 };

    /// <inheritdoc />
    /// <remarks>Where there are photographs, the network that begins near the centroids of their gradient histograms (docs/RESULTS.md).</remarks>
    public IReadOnlyDictionary<string, object> AdviceOn(IDatasetDefinition dataset) =>
        dataset.HasPhotographs ? new Dictionary<string, object>(Advice) { ["model"] = "hog-conv4" } : Advice;

    /// <inheritdoc />
    /// <remarks>The parameters of the network's body: there is no head. Cosines have a learned factor.</remarks>
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape) => shape.TargetLength > 0
        ? throw new ConfigurationException(
            $"Algorithm {Name} tells classes apart, but dataset {options.Dataset} has values to predict; choose another algorithm, e.g. maml or feature-offset.")
        :
        [
            .. shape.Network(options).Where(definition => definition.Role != ParameterRole.Head),
            .. IsCosine(options) ? [new ParameterDefinition("cosine.log-scale", Initializers.Constant(Math.Log(FirstScale)), ParameterRole.Rule, 1)] : (ParameterDefinition[])[],
        ];

    /// <inheritdoc />
    public IMetaAlgorithm Create(RunOptions options, DatasetCatalog catalog) => new Protonet(IsCosine(options));

    private static bool IsCosine(RunOptions options) => options.Of<ProtonetOptions>().Distance == ProtonetOptions.Cosine;
}

/// <summary>Options of <see cref="ProtonetDefinition"/>.</summary>
internal sealed record ProtonetOptions : IHasTrainingWays
{
    /// <summary>The squared Euclidean distance.</summary>
    public const string Euclidean = "euclidean";

    /// <summary>The cosine, times a learned factor.</summary>
    public const string Cosine = "cosine";

    /// <summary>How near a query is to a class.</summary>
    [Description("How near a query is to a class mean: by the squared euclidean distance, or by the cosine times a learned factor (default for text-ngrams)."), OneOf(Euclidean, Cosine)]
    public string Distance { get; init; } = Euclidean;

    /// <inheritdoc />
    [Description("Classes of a training episode, or as many as there are: more than in a test make every step tell more apart. Default: --ways, for text-ngrams 20."), AtLeast(2)]
    public int? TrainingWays { get; init; }
}
