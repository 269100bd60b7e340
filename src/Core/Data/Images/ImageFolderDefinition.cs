using System.Collections.Immutable;
using MetaMap.Core.Configuration;

namespace MetaMap.Core.Data.Images;

/// <summary>The dataset <c>images</c> by name.</summary>
public sealed class ImageFolderDefinition : IDatasetDefinition
{
    /// <inheritdoc />
    public string Name => ImageFolderDataset.Name;

    /// <inheritdoc />
    public string Summary => "your own PNG and JPEG images, read from a folder with class/*.png, or with train, val and test folders of such (mini-ImageNet, tieredImageNet, CIFAR-FS)";

    /// <inheritdoc />
    public bool NeedsFolder => true;

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } = [nameof(RunOptions.Split), nameof(RunOptions.Ways), nameof(RunOptions.ImageSize)];

    /// <inheritdoc />
    /// <remarks>The split stays open: the folder's own where it has one, otherwise seeded.</remarks>
    public RunOptions Defaults { get; } = new() { Ways = 5 };

    /// <inheritdoc />
    public IEpisodeDataset Open(RunOptions options, string? data) => ImageFolderDataset.Open(data!, options.ImageSize);
}
