using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Data.Glyphs;
using MetaMap.Learning.Kernels;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Worker.Machine;
using MetaMap.Worker.Runs;

namespace MetaMap.Worker.Tests.Runs;

/// <summary>Data that turns out to be damaged after its run was opened.</summary>
public sealed class BlockComputationTests
{
    static BlockComputationTests() => PartRegistry.Datasets.Add(new BrittleDefinition());

    public static TheoryData<Exception> Unreadable { get; } =
        [new DataException("a.png is cut off"), new IOException("a.png is cut off"), new UnauthorizedAccessException("a.png is cut off"), new AggregateException(new DataException("a.png is cut off"))];

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void Compute_DataCannotBeRead_IsNotTheBlocksFault(Exception error) =>
        Assert.Equal("a.png is cut off", Assert.IsType<BlockOutcome.DataFailed>(Compute(error, Leases.Lease(0))).Reason);

    /// <summary>Evaluations are of other classes: training goes on without them.</summary>
    [Fact]
    public void Compute_DataOfAnEvaluationCannotBeRead_FailsTheBlock()
    {
        BlockLeased lease = Leases.Lease(0) with { Lease = Leases.Lease(0).Lease with { Round = RoundId.Evaluation(1) }, InnerSteps = 1 };
        Assert.Equal("episode 0: a.png is cut off", Assert.IsType<BlockOutcome.Failed>(Compute(new DataException("a.png is cut off"), lease)).Reason);
    }

    [Fact]
    public void Compute_ADefect_FailsTheBlock() =>
        Assert.Equal("InvalidOperationException: no", Assert.IsType<BlockOutcome.Failed>(Compute(new InvalidOperationException("no"), Leases.Lease(0))).Reason.Split(": ", 2)[1]);

    private static BlockOutcome Compute(Exception error, BlockLeased lease)
    {
        string options = RunOptionsJson.Write(Leases.Options.With(("dataset", BrittleDefinition.Key)));
        using WorkerRun run = WorkerRun.Open(Leases.Opened with { OptionsJson = options }, null, Leases.Lanes(1), KernelChooser.OfThisMachine);
        BrittleDefinition.Error = error;
        try
        {
            return BlockComputation.Compute(0, run, lease, Leases.Parameters, new BlobStore()) with { Loading = default };
        }
        finally
        {
            BrittleDefinition.Error = null;
        }
    }

    /// <summary>Glyphs that can be read until <see cref="Error"/> is set.</summary>
    private sealed class BrittleDefinition : IDatasetDefinition
    {
        public const string Key = "brittle-dataset-of-tests";

        public static Exception? Error { get; set; }

        public string Name => Key;

        public string Summary => "one that breaks";

        public bool NeedsFolder => false;

        public object Options { get; } = new ImageOptions();

        public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data) => new Brittle();

        private sealed class Brittle : IEpisodeDataset
        {
            private readonly GlyphDataset _glyphs = new();

            public DatasetCatalog Catalog => _glyphs.Catalog;

            public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
            {
                if (Error is not null)
                {
                    throw Error;
                }

                _glyphs.CopyInput(classIndex, exampleIndex, quarterTurns, destination);
            }
        }
    }
}
