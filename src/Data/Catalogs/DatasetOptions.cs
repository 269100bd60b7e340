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

/// <summary>Options of a dataset of images. Pixels are given as (x - mean) / std, x from 0 to 1, as torchvision's <c>Normalize</c> does.</summary>
public record ImageOptions : ClassificationOptions
{
    /// <summary>Of <see cref="Augment"/>: shifted by up to an eighth of each side.</summary>
    public const string Crop = "crop";

    /// <summary>Of <see cref="Augment"/>: mirrored or not.</summary>
    public const string Flip = "flip";

    /// <summary>Of <see cref="Augment"/>: turned by up to 15 degrees.</summary>
    public const string Rotate = "rotate";

    /// <summary>Of <see cref="Augment"/>: other brightness, contrast and saturation.</summary>
    public const string Jitter = "jitter";

    /// <summary>What is taken from each pixel.</summary>
    [Description("Pixels, 0 to 1, are given to the network as (x - mean) / std: the mean."), AtLeast(0), AtMost(1)]
    public double PixelMean { get; init; }

    /// <summary>What it is divided by then.</summary>
    [Description("Pixels, 0 to 1, are given to the network as (x - mean) / std: the std."), Above(0), AtMost(1)]
    public double PixelStd { get; init; } = 1;

    /// <summary>Random changes of training images, such as <c>crop,flip</c>; none when null.</summary>
    [Description("Random changes of every training image, separated by commas: crop shifts it, flip mirrors it (not for characters), rotate turns it by up to 15 degrees, jitter changes brightness, contrast and saturation. Default: none.")]
    [SomeOf(Crop, Flip, Rotate, Jitter)]
    public string? Augment { get; init; }

    /// <summary>Whether pixels are other than they are stored.</summary>
    [JsonIgnore]
    internal bool IsNormalized => (PixelMean, PixelStd) != (0, 1);
}
