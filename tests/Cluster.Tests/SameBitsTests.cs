using System.Text.Json;

namespace MetaMap.Cluster.Tests;

/// <summary>The first promise: the same bits from any cluster, whatever happens to its workers. Real processes.</summary>
[Trait("Category", "Slow")]
public sealed class SameBitsTests : IDisposable
{
    private readonly RunFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(3, 1)]
    public async Task Train_AnyWorkersAndThreads_EqualsTheLocalLoop(int workers, int threads) => SmallRun.AssertSameBits(
        await MetamapProcess.Run(SmallRun.Train("--out", _folder["run"], "--workers", $"{workers}", "--threads", $"{threads}")));

    /// <summary>One run through all of it: a worker is killed, then all, then it is stopped, then killed, each time resumed.</summary>
    [Fact]
    public async Task Train_KilledStoppedAndResumed_EqualsTheLocalLoop()
    {
        using (MetamapProcess train = MetamapProcess.StartSlowly(SmallRun.Train("--out", _folder["run"], "--workers", "3", "--threads", "1")))
        {
            await train.Await(element => SmallRun.IsIteration(element, 4));
            IReadOnlyList<int> workers = train.Children();
            Assert.Equal(3, workers.Count);
            MetamapProcess.Signal(workers[1], MetamapProcess.SigKill);
            await train.Await(element => SmallRun.IsIteration(element, 10));
            MetamapProcess.Signal(workers[0], MetamapProcess.SigKill);
            MetamapProcess.Signal(workers[2], MetamapProcess.SigKill);
            Assert.Equal(1, await train.Exit());
            Assert.Contains("--resume", train.Errors, StringComparison.Ordinal);
        }

        int stoppedAt;
        using (MetamapProcess train = MetamapProcess.StartSlowly("train", "--json", "--resume", _folder["run"]))
        {
            await train.Await(element => SmallRun.IsIteration(element, 15));
            train.Signal(MetamapProcess.SigInt);
            JsonElement stopped = await train.LastEvent();
            Assert.Equal("stopped", stopped.GetProperty("event").GetString());
            stoppedAt = stopped.GetProperty("iteration").GetInt32();
            Assert.InRange(stoppedAt, 15, SmallRun.Options.Iterations - 1);
            Assert.Equal(0, await train.Exit());
        }

        using (MetamapProcess train = MetamapProcess.StartSlowly("train", "--json", "--resume", _folder["run"], "--workers", "2", "--threads", "1"))
        {
            await train.Await(element => SmallRun.IsIteration(element, stoppedAt + 2));
            await train.Kill();
        }

        SmallRun.AssertSameBits(await MetamapProcess.Run("train", "--json", "--resume", _folder["run"]));
        Assert.Equal(
            Enumerable.Range(1, SmallRun.Options.Iterations),
            (await File.ReadAllLinesAsync(Path.Combine(_folder["run"], "metrics.jsonl"))).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("iteration").GetInt32()));
    }
}
