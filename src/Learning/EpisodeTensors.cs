using System.Runtime.InteropServices;
using MetaMap.Core.Data;
using MetaMap.Core.Episodes;
using TorchSharp;

namespace MetaMap.Learning;

/// <summary>The images and labels of one episode as tensors, class by class.</summary>
/// <param name="SupportImages">float32 [way·shot, channels, height, width], values 0 to 1.</param>
/// <param name="SupportLabels">int64 [way·shot], values 0 to way-1.</param>
/// <param name="QueryImages">float32 [way·query, channels, height, width], values 0 to 1.</param>
/// <param name="QueryLabels">int64 [way·query], values 0 to way-1.</param>
internal sealed record EpisodeTensors(
    torch.Tensor SupportImages, torch.Tensor SupportLabels, torch.Tensor QueryImages, torch.Tensor QueryLabels)
{
    /// <summary>Reads an episode's images; the tensors live in the caller's dispose scope.</summary>
    public static EpisodeTensors Load(IEpisodeDataset dataset, Episode episode)
    {
        (torch.Tensor supportImages, torch.Tensor supportLabels) = LoadSet(dataset, episode, c => c.SupportExamples.AsSpan());
        (torch.Tensor queryImages, torch.Tensor queryLabels) = LoadSet(dataset, episode, c => c.QueryExamples.AsSpan());
        return new EpisodeTensors(supportImages, supportLabels, queryImages, queryLabels);
    }

    private static (torch.Tensor Images, torch.Tensor Labels) LoadSet(
        IEpisodeDataset dataset, Episode episode, Func<EpisodeClass, ReadOnlySpan<int>> examplesOf)
    {
        ImageShape shape = dataset.Catalog.Image;
        int count = 0;
        foreach (EpisodeClass c in episode.Classes)
        {
            count += examplesOf(c).Length;
        }

        torch.Tensor images = torch.empty(count, shape.Channels, shape.Height, shape.Width, dtype: torch.float32);
        Span<float> pixels = MemoryMarshal.Cast<byte, float>(images.bytes);
        long[] labels = new long[count];
        int image = 0;
        for (int label = 0; label < episode.Classes.Length; label++)
        {
            EpisodeClass c = episode.Classes[label];
            foreach (int example in examplesOf(c))
            {
                dataset.CopyImage(c.ClassIndex, example, c.QuarterTurns, pixels.Slice(image * shape.Length, shape.Length));
                labels[image++] = label;
            }
        }

        return (images, torch.tensor(labels));
    }
}
