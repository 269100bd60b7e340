using System.Collections.Immutable;
using MetaMap.Core.Configuration;

namespace MetaMap.Core.Data.Omniglot;

/// <summary>The dataset <c>omniglot</c> by name.</summary>
public sealed class OmniglotDefinition : IDatasetDefinition
{
    /// <inheritdoc />
    public string Name => OmniglotDataset.Name;

    /// <inheritdoc />
    public string Summary => "handwritten characters, read from the folder with images_background.zip and images_evaluation.zip";

    /// <inheritdoc />
    public bool NeedsFolder => true;

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } = [nameof(RunOptions.Split), nameof(RunOptions.Ways)];

    /// <inheritdoc />
    public RunOptions Defaults { get; } = new() { Split = ClassSplitter.Seeded, Ways = 5 };

    /// <inheritdoc />
    public IEpisodeDataset Open(RunOptions options, string? data) => OmniglotDataset.Open(data!);
}
