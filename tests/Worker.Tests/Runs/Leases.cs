using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Data.Glyphs;
using MetaMap.Core.Parameters;
using MetaMap.Core.Training;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Tests.Runs;

/// <summary>A small real run and its leases, as a coordinator would send them.</summary>
internal static class Leases
{
    public static RunOptions Options { get; } = new() { Ways = 2, Queries = 1, Filters = 2, MetaBatch = 4, Block = 1 };

    public static DatasetCatalog Catalog { get; } = new GlyphDataset().Catalog;

    public static MetaTraining Training { get; } = new("run", Options, Catalog);

    public static RunOpened Opened { get; } = new(new RunId("run"), RunOptionsJson.Write(Options), Catalog.Digest, Training.Layout.Digest, 1);

    public static ParameterVector Parameters { get; } = Training.Begin().Parameters;

    public static BlobId Version { get; } = BlobStore.IdOf(Parameters.Bytes);

    public static BlockLeased Lease(int block, string holder = "", int iteration = 1) => new(
        Opened.RunId, iteration, 1, Training.OpenRound(Training.Begin()).Blocks[block].Block, Version, holder);
}
