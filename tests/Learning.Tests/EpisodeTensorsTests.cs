using MetaMap.Core.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Tests;

public sealed class EpisodeTensorsTests
{
    [Fact]
    public void Load_Episode_IsClassMajorWithPositionsAsLabels()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var dataset = new PatternDataset(classes: 9);
        Episode episode = dataset.EpisodeAt(2, new EpisodeShape(Ways: 3, Shots: 2, Queries: 1));
        EpisodeTensors data = EpisodeTensors.Load(dataset, episode);

        Assert.Equal([6, 1, 16, 16], data.SupportImages.shape);
        Assert.Equal([3, 1, 16, 16], data.QueryImages.shape);
        Assert.Equal([0, 0, 1, 1, 2, 2], data.SupportLabels.data<long>().ToArray());
        Assert.Equal([0, 1, 2], data.QueryLabels.data<long>().ToArray());
        float[] expected = new float[256];
        dataset.CopyImage(episode.Classes[1].ClassIndex, episode.Classes[1].SupportExamples[1], 0, expected);
        Assert.Equal(expected, data.SupportImages[3].data<float>().ToArray());
    }
}
