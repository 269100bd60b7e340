using MetaMap.Data.Downloads;
using MetaMap.Data.Images;

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
    /// <remarks>Digests by TensorFlow Datasets.</remarks>
    public DownloadSource Source { get; } = new(
        OmniglotDataset.Name, new Uri("https://github.com/brendenlake/omniglot/raw/master/python/"),
        [
            new("images_background.zip", 9_464_212, "ad41ab679c8b5d90b271ef46be6987cc81211774a695c29dcc5367b2b26ee640"),
            new("images_evaluation.zip", 6_462_886, "1f61a8f3366785b057fc117d9228e78a16e3d976c8953b2a10fcc74cf0609cee"),
        ]);

    /// <inheritdoc />
    public object Options { get; } = new ImageOptions();

    /// <inheritdoc />
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data) => OmniglotDataset.Open(data!);

    /// <inheritdoc />
    public IExampleReader ExampleReader(DatasetOptions options, ModelInputs inputs) => new ImageExamples(inputs.Shape.ToImageShape(), isInk: true);
}
