using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Data.Glyphs;
using MetaMap.Learning.Devices;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Worker.Tests.Runs;

/// <summary>A small real run and its leases, as a coordinator would send them.</summary>
internal static class Leases
{
    public static RunOptions Options { get; } = OptionValues.Of(("ways", 2), ("queries", 1), ("filters", 2), ("meta_batch", 4), ("block", 1), ("batching", "off")).Resolve();

    public static DatasetCatalog Catalog { get; } = new GlyphDataset().Catalog;

    public static MetaTraining Training { get; } = new("run", Options, Catalog);

    public static RunOpened Opened { get; } = new(new RunId("run"), RunOptionsJson.Write(Options), Catalog.Digest, Training.Layout.Digest, 1);

    public static ParameterVector Parameters { get; } = Training.Begin().Parameters;

    public static BlobId Version { get; } = BlobStore.IdOf(Parameters.Bytes);

    public static ComputeDevice[] Lanes(int count) => [.. Enumerable.Repeat(ComputeDevice.Cpu, count)];

    public static BlockLeased Lease(int block, string holder = "", int iteration = 1, string run = "run") => new(
        new LeaseId(new RunId(run), RoundId.Iteration(iteration), block, 1), Training.OpenRound(Training.Begin()).Blocks[block].Block.Episodes, 0, false, Version, holder);
}
