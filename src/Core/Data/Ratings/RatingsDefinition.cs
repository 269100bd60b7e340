using System.Collections.Immutable;
using MetaMap.Core.Configuration;

namespace MetaMap.Core.Data.Ratings;

/// <summary>The dataset <c>ratings</c> by name.</summary>
public sealed class RatingsDefinition : IDatasetDefinition
{
    /// <inheritdoc />
    public string Name => RatingsDataset.Name;

    /// <inheritdoc />
    public string Summary => "ratings of items by users (MovieLens), read from a CSV file of user,item,rating and perhaps time";

    /// <inheritdoc />
    public bool NeedsFolder => true;

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } = [nameof(RunOptions.Split)];

    /// <inheritdoc />
    public RunOptions Defaults { get; } = new() { Split = ClassSplitter.Seeded, Model = "ratings-mlp" };

    /// <inheritdoc />
    public IEpisodeDataset Open(RunOptions options, string? data) => RatingsDataset.Open(data!, options.EpisodeShape());
}
