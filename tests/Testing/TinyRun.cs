using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Testing;

/// <summary>A run that is small enough for thousands of iterations in a test: 45 parameters, no pixels.</summary>
internal static class TinyRun
{
    public static DatasetCatalog Catalog { get; } = new(
        "tiny", new ImageShape(1, 4, 4), [.. Enumerable.Range(0, 60).Select(i => new DatasetClass($"class {i}", 6))], new string('d', 64));

    public static RunOptions Options { get; } = OptionValues.Of(("dataset", "glyphs"), ("ways", 2), ("shots", 1), ("queries", 2), ("filters", 1), ("meta_batch", 7), ("block", 2), ("iterations", 12), ("eval_episodes", 0), ("seed", 5)).Resolve();

    public static MetaTraining Training(RunOptions? options = null) => new("tiny-run", options ?? Options, Catalog);
}
