using System.Text.Json;

namespace MetaMap.Cluster.Tests;

/// <summary>The first promise: the same bits from any cluster, whatever happens to its workers. Real processes.</summary>
[Trait("Category", "Slow")]
public sealed class SameBitsTests : IDisposable
{
    private readonly RunFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(3, 1)]
    public async Task Train_AnyWorkersAndThreads_EqualsTheLocalLoop(int workers, int threads) => SmallRun.AssertSameBits(
        await MetamapProcess.Run(SmallRun.Train("--out", _folder["run"], "--workers", $"{workers}", "--threads", $"{threads}")));

    [Fact]
    public async Task Train_WorkerKilledInMidRun_EqualsTheLocalLoop()
    {
        using MetamapProcess train = MetamapProcess.Start(SmallRun.Train("--out", _folder["run"], "--workers", "3", "--threads", "1"));
        await train.Await(element => SmallRun.IsIteration(element, 5));
        IReadOnlyList<int> workers = train.Children();
        Assert.Equal(3, workers.Count);
        MetamapProcess.Signal(workers[1], MetamapProcess.SigKill);
        SmallRun.AssertSameBits(await train.LastEvent());
        Assert.Equal(0, await train.Exit());
    }

    [Theory]
    [InlineData(MetamapProcess.SigInt)]
    [InlineData(MetamapProcess.SigTerm)]
    public async Task Train_StoppedHalfWayAndResumed_EqualsTheLocalLoop(int signal)
    {
        using (MetamapProcess train = MetamapProcess.Start(SmallRun.Train("--out", _folder["run"])))
        {
            await train.Await(element => SmallRun.IsIteration(element, 5));
            train.Signal(signal);
            JsonElement stopped = await train.LastEvent();
            Assert.Equal("stopped", stopped.GetProperty("event").GetString());
            Assert.InRange(stopped.GetProperty("iteration").GetInt32(), 5, SmallRun.Options.Iterations - 1);
            Assert.Equal(0, await train.Exit());
        }

        SmallRun.AssertSameBits(await MetamapProcess.Run("train", "--json", "--resume", _folder["run"]));
        string[] lines = await File.ReadAllLinesAsync(Path.Combine(_folder["run"], "metrics.jsonl"));
        Assert.Equal(
            Enumerable.Range(1, SmallRun.Options.Iterations),
            lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("iteration").GetInt32()));
    }

    [Fact]
    public async Task Train_KilledHardAndResumed_EqualsTheLocalLoop()
    {
        using (MetamapProcess train = MetamapProcess.Start(SmallRun.Train("--out", _folder["run"], "--workers", "2", "--threads", "1")))
        {
            await train.Await(element => SmallRun.IsIteration(element, 10));
            train.Signal(MetamapProcess.SigKill);
            await train.Exit();
        }

        SmallRun.AssertSameBits(await MetamapProcess.Run("train", "--json", "--resume", _folder["run"]));
    }

    [Fact]
    public async Task Train_AllWorkersKilled_EndsAndCanBeResumed()
    {
        using (MetamapProcess train = MetamapProcess.Start(SmallRun.Train("--out", _folder["run"], "--workers", "1", "--threads", "1")))
        {
            await train.Await(element => SmallRun.IsIteration(element, 3));
            MetamapProcess.Signal(Assert.Single(train.Children()), MetamapProcess.SigKill);
            Assert.Equal(1, await train.Exit());
            Assert.Contains("--resume", train.Errors, StringComparison.Ordinal);
        }

        SmallRun.AssertSameBits(await MetamapProcess.Run("train", "--json", "--resume", _folder["run"]));
    }
}
