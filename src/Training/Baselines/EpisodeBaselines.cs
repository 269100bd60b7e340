using System.Collections.Immutable;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Baselines;

/// <summary>
/// The baselines of a run's kind of data, measured on the episodes that the model is measured on. What they know besides an episode's support
/// set comes from the training classes. Safe for many threads.
/// </summary>
public sealed class EpisodeBaselines
{
    private static readonly ImmutableArray<BaselineKind> _ofImages =
    [
        new("gradient-histogram centroid", (_, dataset) => new NearestCentroid(new GradientHistogram(dataset.Catalog.Input.ToImageShape()).Of)),
        new("pixel centroid", (_, _) => new NearestCentroid(pixels => pixels)),
    ];

    private static readonly ImmutableArray<BaselineKind> _ofTexts = [new("n-gram TF-IDF centroid", TextCentroid.Fit)];

    private static readonly ImmutableArray<BaselineKind> _ofRatings =
    [
        new("item mean and user bias", (options, dataset) => RatingBiases.Fit(options, dataset, withUserBias: true)),
        new("item mean", (options, dataset) => RatingBiases.Fit(options, dataset, withUserBias: false)),
    ];

    private static readonly ImmutableArray<BaselineKind> _ofValues =
    [
        new("linear model and task offset", LinearTaskModel.Fit),
        new("ridge on the support", SupportRidge.Fit),
        new("support mean", (_, _) => new SupportMean()),
    ];

    private static readonly ImmutableArray<BaselineKind> _ofVectors =
        [new("centroid of standardised inputs", (options, dataset) => new NearestCentroid(StandardInputs.Of(options, dataset).Standardise))];

    // Least squares takes the square of the inputs in memory and their cube in time.
    private const int MostInputsOfLinearModel = 2_000;

    private readonly IEpisodeDataset _dataset;
    private readonly Lazy<ImmutableArray<IBaseline>> _baselines;

    /// <summary>Prepares the baselines of a run; what they learn from the training classes is learned at the first measurement.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="dataset">Its data.</param>
    public EpisodeBaselines(RunOptions options, IEpisodeDataset dataset)
    {
        _dataset = dataset;
        _baselines = new(() => [.. KindsFor(dataset.Catalog).Select(kind => kind.Make(options, dataset))]);
    }

    /// <summary>Names of the baselines of a dataset, the strongest as a rule first.</summary>
    public static ImmutableArray<string> NamesFor(DatasetCatalog catalog) => [.. KindsFor(catalog).Select(kind => kind.Name)];

    /// <summary>Measures an episode's query set.</summary>
    /// <returns>One value per name: the share of queries labelled correctly, 0 to 1, or the mean squared error of regression.</returns>
    public ImmutableArray<float> Measure(Episode episode)
    {
        var examples = EpisodeExamples.Load(_dataset, episode);
        return [.. _baselines.Value.Select(baseline => (float)baseline.Measure(episode, examples))];
    }

    private static ImmutableArray<BaselineKind> KindsFor(DatasetCatalog catalog) => (catalog.Input.Kind, catalog.TargetLength) switch
    {
        (InputKind.Image, 0) => _ofImages,
        (InputKind.Tokens, 0) => _ofTexts,
        (InputKind.Tokens, 1) when catalog.Input.Length == 1 => _ofRatings,
        (InputKind.Vector, 0) => _ofVectors,
        (_, 0) => [],
        _ when catalog.Input.Length > MostInputsOfLinearModel => _ofValues[1..],
        _ => _ofValues,
    };

    private sealed record BaselineKind(string Name, Func<RunOptions, IEpisodeDataset, IBaseline> Make);
}
