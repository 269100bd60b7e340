using MetaMap.Learning.Devices;
using MetaMap.Learning.Kernels;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Loop;
using MetaMap.Worker.Runs;
using TorchSharp;

namespace MetaMap.Worker.Tests.Runs;

public sealed class WorkerRunTests
{
    [Fact]
    public void Compute_OnAnyLane_GivesTheSameBits()
    {
        using WorkerRun run = WorkerRun.Open(Leases.Opened, null, Leases.Lanes(2), KernelChooser.OfThisMachine);
        Assert.Equal(Leases.Training.Layout, run.Layout);
        BlockGradient first = run.Compute(0, Leases.Parameters, 1, Leases.Lease(1).Block);
        Assert.Equal(first.GradientSum, run.Compute(1, Leases.Parameters, 1, Leases.Lease(1).Block).GradientSum);
        Assert.NotEqual(ParameterVector.Zeros(run.Layout), first.GradientSum);
        Assert.Single(first.Episodes);
    }

    [Fact]
    public void Compute_AfterDispose_IsCancelled()
    {
        WorkerRun run = WorkerRun.Open(Leases.Opened, null, Leases.Lanes(1), KernelChooser.OfThisMachine);
        run.Dispose();
        Assert.ThrowsAny<OperationCanceledException>(() => run.Compute(0, Leases.Parameters, 1, Leases.Lease(0).Block));
    }

    /// <summary>What a lane computes with is native memory: it must stay until the lane is done, and no longer.</summary>
    [Fact]
    public async Task Close_LaneIsBusy_ReleasesItAfterItsBlock()
    {
        string options = RunOptionsJson.Write(Leases.Options.With(("batching", RunOptions.Batched)));
        WorkerRun run = WorkerRun.Open(Leases.Opened with { OptionsJson = options }, null, Leases.Lanes(1), KernelChooser.OfThisMachine);
        BlockGradient Compute() => run.Compute(0, Leases.Parameters, 1, Leases.Lease(0).Block);
        using ComputeLanes lanes = new(1);
        using ManualResetEventSlim isBusy = new();
        using ManualResetEventSlim mayGoOn = new();
        TaskCompletionSource<Exception?> outcome = new();
        TaskCompletionSource ended = new();
        lanes.Run(0, () =>
        {
            isBusy.Set();
            mayGoOn.Wait();
            outcome.SetResult(Record.Exception(() => Compute()));
        });
        isBusy.Wait();
        run.Close(lanes);
        mayGoOn.Set();
        lanes.Run(0, ended.SetResult);
        await ended.Task;
        Assert.IsType<OperationCanceledException>(await outcome.Task);
        Assert.Throws<ObjectDisposedException>(() => Compute());
    }

    /// <summary>Its bytes are others than the coordinator's, which is all that a digest tells; the decoder knows which file it is.</summary>
    [Fact]
    public void Open_ImageIsDamagedHere_NamesIt()
    {
        using TemporaryDirectory folder = new();
        byte[] png = PngFile.Of(8, 8, 1, (row, column, _) => 20 * row + column);
        foreach (string image in new[] { "a/0", "a/1", "b/0", "b/1" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[image])!);
            File.WriteAllBytes(folder[$"{image}.png"], png);
        }

        RunOptions options = OptionValues.Of(("dataset", "images"), ("ways", 2), ("queries", 1), ("filters", 2)).Resolve();
        RunOpened opened = Leases.Opened with { OptionsJson = RunOptionsJson.Write(options), DatasetDigest = options.OpenDataset(folder.Path).Catalog.Digest };
        File.WriteAllBytes(folder["b/1.png"], png[..^20]);
        DataException error = Assert.Throws<DataException>(() => WorkerRun.Open(opened, folder.Path, Leases.Lanes(1), KernelChooser.OfThisMachine));
        Assert.StartsWith($"{folder["b/1.png"]} is cut off or damaged ", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A worker that cannot take a run keeps nothing of it: it may be offered hundreds.</summary>
    [Fact]
    public void Open_DeviceLacksTheMemory_KeepsNothing()
    {
        // A network that keeps tensors of its own on such a device.
        RunOptions options = OptionValues.Of(("ways", 2), ("queries", 1), ("model", "cnn"), ("meta_batch", 4), ("block", 1)).Resolve();
        RunOpened opened = Leases.Opened with { OptionsJson = RunOptionsJson.Write(options), LayoutDigest = new MetaTraining("run", options, Leases.Catalog).Layout.Digest };
        ComputeDevice small = new("cpu", "cpu in the place of a GPU") { IsSideBySide = true, MemoryBytes = 1 << 10 };
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Assert.Throws<ConfigurationException>(() => WorkerRun.Open(opened, null, [small, small], KernelChooser.OfThisMachine));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData("0123456789abcdef", "the coordinator's is 01234567: give both the same files with --data.")]
    [InlineData("01", "the coordinator's is 01: give both the same files with --data.")]
    public void Open_OtherDataset_IsRefusedNamingBothSides(string digest, string reason)
    {
        DataException error = Assert.Throws<DataException>(() => WorkerRun.Open(Leases.Opened with { DatasetDigest = digest }, null, Leases.Lanes(1), KernelChooser.OfThisMachine));
        Assert.StartsWith($"This worker's dataset glyphs is {Leases.Catalog.Digest[..8]}, ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OtherLayout_IsRefusedNamingBothSides() => Assert.Equal(
        $"This worker has parameter layout {Leases.Training.Layout.Digest[..8]}, run run has 01234567: build both nodes from the same version.",
        Assert.Throws<ConfigurationException>(() => WorkerRun.Open(Leases.Opened with { LayoutDigest = "0123456789" }, null, Leases.Lanes(1), KernelChooser.OfThisMachine)).Message);

    [Theory]
    [InlineData("""{"dataset":"cifar"}""", "There is no dataset 'cifar'")]
    [InlineData("""{"hyperdrive":true}""", "run run has the unknown key 'hyperdrive'")]
    [InlineData("""{"dataset":"omniglot"}""", "pass --data with")]
    public void Open_OptionsThatCannotBeComputed_AreRefused(string json, string reason) => Assert.Contains(
        reason, Assert.Throws<ConfigurationException>(() => WorkerRun.Open(Leases.Opened with { OptionsJson = json }, null, Leases.Lanes(1), KernelChooser.OfThisMachine)).Message, StringComparison.Ordinal);

    [Fact]
    public void Open_FolderWithoutTheData_IsRefused() => Assert.Throws<DataException>(
        () => WorkerRun.Open(Leases.Opened with { OptionsJson = """{"dataset":"omniglot"}""" }, "no/such/folder", Leases.Lanes(1), KernelChooser.OfThisMachine));
}
