using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Training.Episodes;

namespace MetaMap.Learning.Tests;

/// <summary>Every class is a random 4x4 mosaic, every example that mosaic with a little noise: easy to tell apart.</summary>
internal sealed class PatternDataset(int classes, int side = 16, double noise = 0.1) : IEpisodeDataset
{
    public DatasetCatalog Catalog { get; } = new(
        "patterns", new ImageShape(1, side, side),
        [.. Enumerable.Range(0, classes).Select(c => new DatasetClass($"pattern{c}", 20))], "0");

    public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
    {
        var random = DeterministicRandom.For("pattern", classIndex);
        Span<float> mosaic = stackalloc float[16];
        foreach (ref float tile in mosaic)
        {
            tile = random.NextInt(2);
        }

        var jitter = DeterministicRandom.For("pattern-noise", classIndex, exampleIndex);
        for (int i = 0; i < destination.Length; i++)
        {
            float ink = mosaic[i / side * 4 / side * 4 + i % side * 4 / side];
            destination[i] = (float)Math.Clamp(ink + noise * jitter.NextGaussian(), 0, 1);
        }
    }

    /// <summary>An episode over consecutive classes that depends on the index alone.</summary>
    public Episode EpisodeAt(int index, EpisodeShape shape) => new(index,
    [
        .. Enumerable.Range(0, shape.Ways).Select(way => new EpisodeClass(
            (index * 3 + way) % classes, 0,
            [.. Enumerable.Range(0, shape.Shots)], [.. Enumerable.Range(shape.Shots, shape.Queries)])),
    ]);

    public EpisodeBlock BlockOf(EpisodeShape shape, params int[] episodes) =>
        new(0, [.. episodes.Select(index => EpisodeAt(index, shape))]);
}
