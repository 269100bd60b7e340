
namespace MetaMap.Data.Omniglot;

/// <summary>Definition of the dataset <c>omniglot</c>.</summary>
internal sealed class OmniglotDefinition : IDatasetDefinition
{
    /// <inheritdoc />
    public string Name => OmniglotDataset.Name;

    /// <inheritdoc />
    public string Summary => "handwritten characters, read from the folder with images_background.zip and images_evaluation.zip";

    /// <inheritdoc />
    public bool NeedsFolder => true;

    /// <inheritdoc />
    public object Options { get; } = new ClassificationOptions();

    /// <inheritdoc />
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data) => OmniglotDataset.Open(data!);
}
