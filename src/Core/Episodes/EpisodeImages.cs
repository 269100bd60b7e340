using System.Collections.Immutable;
using MetaMap.Core.Data;

namespace MetaMap.Core.Episodes;

/// <summary>
/// The pixels and labels of an episode, in managed memory. Class-major order: all images of label 0, then of label 1
/// and so on. The arrays belong to the receiver.
/// </summary>
/// <param name="SupportImages">[way·shot, channels, height, width], values 0 to 1, ink 1.</param>
/// <param name="SupportLabels">[way·shot], 0 to way-1.</param>
/// <param name="QueryImages">[way·query, channels, height, width], values 0 to 1, ink 1.</param>
/// <param name="QueryLabels">[way·query], 0 to way-1.</param>
public sealed record EpisodeImages(float[] SupportImages, long[] SupportLabels, float[] QueryImages, long[] QueryLabels)
{
    /// <summary>Reads an episode's images.</summary>
    /// <param name="dataset">The dataset whose catalog the episode was drawn from.</param>
    /// <param name="episode">The episode.</param>
    /// <exception cref="DataException">The dataset's images cannot be read.</exception>
    public static EpisodeImages Load(IEpisodeDataset dataset, Episode episode)
    {
        (float[] supportImages, long[] supportLabels) = Load(dataset, episode, c => c.SupportExamples);
        (float[] queryImages, long[] queryLabels) = Load(dataset, episode, c => c.QueryExamples);
        return new EpisodeImages(supportImages, supportLabels, queryImages, queryLabels);
    }

    /// <summary>Equal when every pixel and label is equal.</summary>
    public bool Equals(EpisodeImages? other) =>
        other is not null
        && SupportImages.AsSpan().SequenceEqual(other.SupportImages) && SupportLabels.AsSpan().SequenceEqual(other.SupportLabels)
        && QueryImages.AsSpan().SequenceEqual(other.QueryImages) && QueryLabels.AsSpan().SequenceEqual(other.QueryLabels);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(SupportImages.Length, QueryImages.Length);

    private static (float[] Images, long[] Labels) Load(
        IEpisodeDataset dataset, Episode episode, Func<EpisodeClass, ImmutableArray<int>> set)
    {
        int imageLength = dataset.Catalog.Image.Length;
        int count = episode.Classes.Sum(c => set(c).Length);
        float[] images = new float[count * imageLength];
        long[] labels = new long[count];
        int image = 0;
        for (int label = 0; label < episode.Classes.Length; label++)
        {
            EpisodeClass item = episode.Classes[label];
            foreach (int example in set(item))
            {
                dataset.CopyImage(item.ClassIndex, example, item.QuarterTurns, images.AsSpan(image * imageLength, imageLength));
                labels[image++] = label;
            }
        }

        return (images, labels);
    }
}
