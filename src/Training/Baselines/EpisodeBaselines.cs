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
        new("gradient-histogram centroid", training => new NearestCentroid(new GradientHistogram(training.Dataset.Catalog.Input.ToImageShape()).Of)),
        new("pixel centroid", _ => new NearestCentroid(pixels => pixels)),
    ];

    private static readonly ImmutableArray<BaselineKind> _ofTexts = [new("n-gram TF-IDF centroid", TextCentroid.Fit)];

    private static readonly ImmutableArray<BaselineKind> _ofRatings =
    [
        new("item mean and user bias", training => RatingBiases.Fit(training, withUserBias: true), NeedsTraining: true),
        new("item mean", training => RatingBiases.Fit(training, withUserBias: false), NeedsTraining: true),
    ];

    private static readonly ImmutableArray<BaselineKind> _ofValues =
    [
        new("linear model and task offset", LinearTaskModel.Fit, NeedsTraining: true),
        new("ridge on the support", SupportRidge.Fit, NeedsTraining: true),
        new("support mean", _ => new SupportMean()),
    ];

    private static readonly ImmutableArray<BaselineKind> _ofVectors =
        [new("centroid of standardised inputs", training => new NearestCentroid(StandardInputs.Of(training).Standardise), NeedsTraining: true)];

    private static readonly ImmutableArray<BaselineKind> _ofAllImages =
    [
        new("gradient-histogram centroid", training => NearestCentroid.Fit(training, new GradientHistogram(training.Dataset.Catalog.Input.ToImageShape()).Of), NeedsTraining: true),
        new("pixel centroid", training => NearestCentroid.Fit(training, pixels => pixels), NeedsTraining: true),
    ];

    private static readonly ImmutableArray<BaselineKind> _ofAllTexts = [new("n-gram TF-IDF centroid", TextCentroid.FitClasses, NeedsTraining: true)];

    private static readonly ImmutableArray<BaselineKind> _ofAllVectors =
        [new("centroid of standardised inputs", training => NearestCentroid.Fit(training, StandardInputs.Of(training).Standardise), NeedsTraining: true)];

    private static readonly ImmutableArray<BaselineKind> _ofAllValues = [new("linear model", LinearTaskModel.Fit, NeedsTraining: true)];

    private readonly IEpisodeDataset _dataset;
    private readonly Lazy<ImmutableArray<IBaseline>> _baselines;

    /// <summary>Prepares the baselines of a run; what they learn from the training classes is learned at the first measurement.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="dataset">Its data.</param>
    public EpisodeBaselines(RunOptions options, IEpisodeDataset dataset)
        : this(options, dataset, options.TrainingClasses(dataset.Catalog))
    {
    }

    /// <summary>Prepares the baselines of an evaluation on other data than the run's.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="dataset">The other data.</param>
    /// <param name="trainingClasses">Its classes that the model was trained on; with none, what learns from them is left out.</param>
    public EpisodeBaselines(RunOptions options, IEpisodeDataset dataset, ImmutableArray<int> trainingClasses)
    {
        _dataset = dataset;
        BaselineKind[] kinds = [.. KindsFor(options, dataset.Catalog).Where(kind => !kind.NeedsTraining || !trainingClasses.IsEmpty)];
        TrainingSet training = new(options, dataset, trainingClasses);
        (Names, _baselines) = ([.. kinds.Select(kind => kind.Name)], new(() => [.. kinds.Select(kind => kind.Make(training))]));
    }

    /// <summary>Names of the baselines, in the order of their measures.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Names of the baselines of a run on a dataset, the strongest as a rule first.</summary>
    public static ImmutableArray<string> NamesFor(RunOptions options, DatasetCatalog catalog) => [.. KindsFor(options, catalog).Select(kind => kind.Name)];

    /// <summary>Measures an episode's query set.</summary>
    /// <returns>One value per name: the share of queries labelled correctly, 0 to 1, or the mean squared error of regression.</returns>
    public ImmutableArray<float> Measure(Episode episode)
    {
        var examples = EpisodeExamples.Load(_dataset, episode);
        double unit = _dataset.Catalog.IsRegression ? _dataset.Catalog.SquaredErrorUnit : 1;
        return [.. _baselines.Value.Select(baseline => (float)(unit * baseline.Measure(episode, examples)))];
    }

    private static ImmutableArray<BaselineKind> KindsFor(RunOptions options, DatasetCatalog catalog) => options.Supervised is null ? KindsFor(catalog) : (catalog.Input.Kind, catalog.TargetLength) switch
    {
        (InputKind.Image, 0) => _ofAllImages,
        (InputKind.Tokens, 0) => _ofAllTexts,
        (InputKind.Vector, 0) => _ofAllVectors,
        (InputKind.Tokens, 1) when catalog.Input.Length == 1 => _ofRatings[1..],
        (_, 0) => [],
        _ when catalog.Input.Length > LinearTaskModel.MostInputs => [],
        _ => _ofAllValues,
    };

    private static ImmutableArray<BaselineKind> KindsFor(DatasetCatalog catalog) => (catalog.Input.Kind, catalog.TargetLength) switch
    {
        (InputKind.Image, 0) => _ofImages,
        (InputKind.Tokens, 0) => _ofTexts,
        (InputKind.Tokens, 1) when catalog.Input.Length == 1 => _ofRatings,
        (InputKind.Vector, 0) => _ofVectors,
        (_, 0) => [],
        _ when catalog.Input.Length > LinearTaskModel.MostInputs => _ofValues[1..],
        _ => _ofValues,
    };

    private sealed record BaselineKind(string Name, Func<TrainingSet, IBaseline> Make, bool NeedsTraining = false);
}
