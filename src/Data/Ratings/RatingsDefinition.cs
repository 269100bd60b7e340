
namespace MetaMap.Data.Ratings;

/// <summary>Definition of the dataset <c>ratings</c>.</summary>
internal sealed class RatingsDefinition : IDatasetDefinition
{
    /// <inheritdoc />
    public string Name => RatingsDataset.Name;

    /// <inheritdoc />
    public string Summary => "ratings of items by users (MovieLens), read from a CSV file of user,item,rating and perhaps time";

    /// <inheritdoc />
    public bool NeedsFolder => true;

    /// <inheritdoc />
    public object Options { get; } = new DatasetOptions();

    /// <inheritdoc />
    /// <remarks>The inner rate is the best of 1, 0.1, 0.03, 0.01 and 0.003 on validation users of lecture ratings (see docs/LEARNING.md).</remarks>
    public IReadOnlyDictionary<string, object> Advice { get; } = new Dictionary<string, object> { ["model"] = "ratings-mlp", ["inner_lr"] = 0.01 };

    /// <inheritdoc />
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data) => RatingsDataset.Open(data!, episode);
}
