
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
    public IReadOnlyDictionary<string, object> Advice { get; } = new Dictionary<string, object> { ["model"] = "ratings-mlp" };

    /// <inheritdoc />
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data) => RatingsDataset.Open(data!, episode);
}
