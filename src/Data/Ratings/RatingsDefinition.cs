using System.ComponentModel;

namespace MetaMap.Data.Ratings;

/// <summary>Definition of the dataset <c>ratings</c>.</summary>
internal sealed class RatingsDefinition : IDatasetDefinition
{
    /// <inheritdoc />
    public string Name => RatingsDataset.Name;

    /// <inheritdoc />
    public string Summary => "ratings of items by users (MovieLens), read from a file with columns of users, items, ratings and perhaps times, or the folder that holds it";

    /// <inheritdoc />
    public bool NeedsFolder => true;

    /// <inheritdoc />
    public object Options { get; } = new RatingsOptions();

    /// <inheritdoc />
    /// <remarks>The inner rate, for algorithms that have one, is the best of 0.3, 0.1, 0.03 and 0.01 on validation users of lecture ratings (see docs/LEARNING.md).</remarks>
    public IReadOnlyDictionary<string, object> Advice { get; } = new Dictionary<string, object> { ["algorithm"] = "alpaca", ["model"] = "ratings-mlp", ["inner_lr"] = 0.03 };

    /// <inheritdoc />
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data) => RatingsDataset.Open(data!, (RatingsOptions)options);

    /// <inheritdoc />
    public IExampleReader ExampleReader(DatasetOptions options, ModelInputs inputs) => new RatingExamples((RatingsOptions)options, inputs);
}

/// <summary>Options of <see cref="RatingsDefinition"/>.</summary>
internal sealed record RatingsOptions : DatasetOptions
{
    /// <summary>Column of users.</summary>
    [Description("Name of the column of users. Default: one of the usual names.")]
    public string? UserColumn { get; init; }

    /// <summary>Column of items.</summary>
    [Description("Name of the column of items. Default: one of the usual names.")]
    public string? ItemColumn { get; init; }

    /// <summary>Column of ratings.</summary>
    [Description("Name of the column of ratings. Default: one of the usual names.")]
    public string? RatingColumn { get; init; }

    /// <summary>Column of times.</summary>
    [Description("Name of the column of times, numbers or dates. Default: one of the usual names, where there is one.")]
    public string? TimeColumn { get; init; }
}
