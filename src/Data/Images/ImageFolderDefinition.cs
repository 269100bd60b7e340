using System.ComponentModel;
using MetaMap.Core.Options;

namespace MetaMap.Data.Images;

/// <summary>Definition of the dataset <c>images</c>.</summary>
internal sealed class ImageFolderDefinition : IDatasetDefinition
{
    /// <inheritdoc />
    public string Name => ImageFolderDataset.Name;

    /// <inheritdoc />
    public string Summary => "your own images (PNG, JPEG, GIF, BMP, WebP, PGM, PPM), read from a folder with class/*.png, or with train, val and test folders of such (mini-ImageNet, tieredImageNet, CIFAR-FS, Caltech-101)";

    /// <inheritdoc />
    public bool NeedsFolder => true;

    /// <inheritdoc />
    /// <remarks>The split stays open: the folder's own where it has one, otherwise seeded.</remarks>
    public object Options { get; } = new ImageFolderOptions { Split = null };

    /// <inheritdoc />
    public bool HasPhotographs => true;

    /// <inheritdoc />
    /// <remarks>What was best on images as of photographs (docs/RESULTS.md).</remarks>
    public IReadOnlyDictionary<string, object> Advice { get; } = new Dictionary<string, object> { ["algorithm"] = "protonet" };

    /// <inheritdoc />
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data) => ImageFolderDataset.Open(data!, (ImageFolderOptions)options);

    /// <inheritdoc />
    public IExampleReader ExampleReader(DatasetOptions options, ModelInputs inputs) =>
        new ImageExamples(inputs.Shape.ToImageShape(), isInk: false, ((ImageFolderOptions)options).Background);
}

/// <summary>Options of <see cref="ImageFolderDefinition"/>.</summary>
internal sealed record ImageFolderOptions : ImageOptions
{
    /// <summary>Side in pixels; null to keep the images' own.</summary>
    [Description("Side in pixels that images are resized to. Default: the images' own."), AtLeast(1), AtMost(4096)]
    public int? ImageSize { get; init; }

    /// <summary>The colour that shows through where images are transparent.</summary>
    [Description($"Colour that shows through where images are transparent: {Backdrop.Form}."), Colour]
    public string Background { get; init; } = Backdrop.White;
}
