using System.Collections.Immutable;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Options;
using MetaMap.Cli.Training;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Core.Options;
using MetaMap.Learning.Devices;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Rounds;

namespace MetaMap.Cli.Tests.Training;

public sealed class LocalClusterTests
{
    [Fact]
    public async Task Train_NoWorkerCanComputeTheRun_EndsWithTheReason()
    {
        RunOptions options = OptionValues.Of(("iterations", 2), ("filters", 4), ("eval_episodes", 0)).Resolve();
        ImmutableArray<ComputeDevice> small = [new("cpu", "cpu in the place of a GPU") { IsSideBySide = true, MemoryBytes = 1 << 10 }];
        DirectoryInfo directory = Directory.CreateTempSubdirectory("metamap-local-");
        try
        {
            TrainingPlan plan = new(
                new RunId("small"), options, Path.Combine(directory.FullName, "small"), Resume: false, new ComputeDevices(small, "cuda", null), options.OpenDataset(null), null,
                Workers: 0, Threads: 1, RunPolicy.Default, HttpPort: null);
            CommandFailedException error = await Assert.ThrowsAsync<CommandFailedException>(
                () => LocalCluster.Train(plan, (_, _) => { }, Last, CancellationToken.None).WaitAsync(TestTime.Limit));
            Assert.StartsWith("Nobody is left to train: 4 episodes side by side take about 0.0 GiB, and cpu has 0.0 GiB: start the run with smaller episodes", error.Message, StringComparison.Ordinal);
            Assert.EndsWith($"metamap train --resume {plan.Directory}", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<RunSnapshot> Last(IAsyncEnumerable<RunSnapshot> snapshots) => await snapshots.LastAsync();
}
