using System.ComponentModel;
using MetaMap.Core.Options;

namespace MetaMap.Data.Noise;

/// <summary>Definition of the built-in dataset <c>noise</c>.</summary>
internal sealed class NoiseDefinition : IDatasetDefinition
{
    /// <inheritdoc />
    public string Name => NoiseDataset.Name;

    /// <inheritdoc />
    public string Summary => "random images of any size, to measure speed with";

    /// <inheritdoc />
    public bool NeedsFolder => false;

    /// <inheritdoc />
    public object Options { get; } = new NoiseOptions();

    /// <inheritdoc />
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data)
    {
        var noise = (NoiseOptions)options;
        return new NoiseDataset(new ImageShape(noise.Channels, noise.Size, noise.Size), noise.Classes);
    }
}

/// <summary>Options of <see cref="NoiseDefinition"/>; the defaults have the shape of Omniglot's images.</summary>
internal sealed record NoiseOptions : ImageOptions
{
    /// <summary>Side in pixels.</summary>
    [Description("Side of the images in pixels."), AtLeast(1), AtMost(4096)]
    public int Size { get; init; } = 28;

    /// <summary>Colour channels.</summary>
    [Description("Colour channels of the images."), AtLeast(1), AtMost(3)]
    public int Channels { get; init; } = 1;

    /// <summary>Classes in all: three fifths for training, a fifth for validation and a fifth for test.</summary>
    [Description("Classes in all."), AtLeast(2), AtMost(100_000)]
    public int Classes { get; init; } = 100;
}
