using System.ComponentModel;
using System.Text.Json.Serialization;
using MetaMap.Core.Options;

namespace MetaMap.Data;

/// <summary>Options of every dataset.</summary>
public record DatasetOptions
{
    /// <summary><c>seeded</c> (shuffled by the run's seed), <c>official</c> (the dataset's own), or null: official where there is one.</summary>
    [Description("Class split: seeded or official (the dataset's own, where it has one).")]
    public string? Split { get; init; } = ClassSplitter.Seeded;

    /// <summary>Classes of an episode; 1 for a regression.</summary>
    [JsonIgnore]
    public virtual int EpisodeWays => 1;
}

/// <summary>Options of a dataset of classes.</summary>
public record ClassificationOptions : DatasetOptions
{
    /// <summary>Classes per episode; 5 in most papers.</summary>
    [Description("Classes per episode."), AtLeast(2)]
    public int Ways { get; init; } = 5;

    /// <inheritdoc />
    [JsonIgnore]
    public override int EpisodeWays => Ways;
}
