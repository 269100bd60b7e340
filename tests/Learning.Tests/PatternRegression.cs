using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Training.Episodes;

namespace MetaMap.Learning.Tests;

/// <summary>Every class is a task: the brightness of random images, scaled and shifted by the task.</summary>
internal sealed class PatternRegression(int tasks, int side = 16) : IRegressionDataset
{
    public DatasetCatalog Catalog { get; } = new(
        "brightness", new ImageShape(1, side, side), [.. Enumerable.Range(0, tasks).Select(c => new DatasetClass($"task{c}", 40))], "0")
    {
        TargetLength = 1,
    };

    public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
    {
        var random = DeterministicRandom.For("brightness", classIndex, exampleIndex);
        double level = random.NextDouble();
        foreach (ref float value in destination)
        {
            value = (float)(level * random.NextDouble());
        }
    }

    public void CopyTarget(int classIndex, int exampleIndex, Span<float> destination)
    {
        float[] input = new float[Catalog.Input.Length];
        CopyInput(classIndex, exampleIndex, 0, input);
        var random = DeterministicRandom.For("task", classIndex);
        destination[0] = (float)(random.NextDouble(-2, 2) + random.NextDouble(1, 2) * input.Average());
    }

    public Episode EpisodeAt(int index, EpisodeShape shape) => new(index,
    [
        new EpisodeClass(index % tasks, 0, [.. Enumerable.Range(0, shape.Shots)], [.. Enumerable.Range(shape.Shots, shape.Queries)]),
    ]);

    public EpisodeBlock BlockOf(EpisodeShape shape, params int[] episodes) =>
        new(0, [.. episodes.Select(index => EpisodeAt(index, shape))]);
}
