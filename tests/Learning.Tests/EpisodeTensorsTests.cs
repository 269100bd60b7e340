using MetaMap.Data;
using MetaMap.Learning.Problems;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Tests;

public sealed class EpisodeTensorsTests
{
    [Fact]
    public void Of_Episode_IsClassMajorWithPositionsAsLabels()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var dataset = new PatternDataset(classes: 9);
        Episode episode = dataset.EpisodeAt(2, new EpisodeShape(Ways: 3, Shots: 2, Queries: 1));
        EpisodeTensors data = EpisodeTensors.Of(EpisodeExamples.Load(dataset, episode));

        Assert.Equal([6, 1, 16, 16], data.SupportInputs.shape);
        Assert.Equal([3, 1, 16, 16], data.QueryInputs.shape);
        Assert.Equal([0, 0, 1, 1, 2, 2], data.SupportTargets.data<long>().ToArray());
        Assert.Equal([0, 1, 2], data.QueryTargets.data<long>().ToArray());
        float[] expected = new float[256];
        dataset.CopyInput(episode.Classes[1].ClassIndex, episode.Classes[1].SupportExamples[1], 0, expected);
        Assert.Equal(expected, data.SupportInputs[3].data<float>().ToArray());
    }
}
