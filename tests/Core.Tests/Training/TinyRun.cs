using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Training;

namespace MetaMap.Core.Tests.Training;

/// <summary>A run that is small enough for thousands of iterations in a test: 45 parameters, no pixels.</summary>
internal static class TinyRun
{
    public static DatasetCatalog Catalog { get; } = new(
        "tiny", new ImageShape(1, 4, 4), [.. Enumerable.Range(0, 60).Select(i => new DatasetClass($"class {i}", 6))], new string('d', 64));

    public static RunOptions Options { get; } = new RunOptions
    {
        Dataset = "glyphs", Ways = 2, Shots = 1, Queries = 2, Filters = 1, MetaBatch = 7, Block = 2, Iterations = 12, EvalEpisodes = 0, Seed = 5,
    }.Resolve();

    public static MetaTraining Training(RunOptions? options = null) => new("tiny-run", options ?? Options, Catalog);
}
