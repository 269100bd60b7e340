using System.Text.Json;
using MetaMap.Coordinator.Journal;

namespace MetaMap.Cluster.Tests;

/// <summary>Signals to worker processes in the middle of a run.</summary>
[Trait("Category", "Slow")]
public sealed class WorkerSignalsTests : SmallCluster
{
    [Fact]
    public async Task Worker_StoppedForSecondsAndBeyondItsRemoval_GoesOnAndTheBitsAreTheSame()
    {
        string port = $"{RunFolder.FreePort()}";
        Coordinator(port, port);
        MetamapProcess steady = Worker(port);
        MetamapProcess stopped = Worker(port);
        await Iteration(5, workers: 2);
        foreach (int seconds in (int[])[2, 25])
        {
            stopped.Signal(MetamapProcess.SigStop);
            await Task.Delay(TimeSpan.FromSeconds(seconds));
            stopped.Signal(MetamapProcess.SigCont);
            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        await Finished();

        // It is a worker of the cluster again, and does not wait for anybody.
        steady.Signal(MetamapProcess.SigKill);
        await Rows("workers", rows => rows.Count(row => row.GetProperty("status").GetString() == "ready") == 1);
        stopped.Signal(MetamapProcess.SigTerm);
        Assert.Equal(0, await stopped.Exit());
    }

    [Fact]
    public async Task Worker_Terminated_DrainsEndsWithZeroAndNoLeaseWaitsForItsDeadline()
    {
        string port = $"{RunFolder.FreePort()}";
        Coordinator(port, port);
        MetamapProcess[] leaving = [Worker(port), Worker(port), Worker(port)];
        Worker(port);
        await Iteration(5, workers: 4);
        foreach (MetamapProcess worker in leaving)
        {
            worker.Signal(MetamapProcess.SigTerm);
            Assert.Equal(0, await worker.Exit());
            Assert.DoesNotContain("lost", worker.Errors, StringComparison.Ordinal);
        }

        JsonElement run = await Finished();
        // A lease that ran past its deadline would have been leased again: with another attempt for the same block.
        string[] returned = [.. run.GetProperty("results").EnumerateObject().Select(verdict => verdict.Name)];
        Assert.DoesNotContain("Failed", returned);
        Assert.DoesNotContain(await SecondsBetweenLeases(), seconds => seconds > 25);
    }

    /// <summary>There is nobody to judge what it has computed, and nobody to let its node go.</summary>
    [Fact]
    public async Task Worker_TerminatedAfterItsCoordinatorWasKilled_WaitsForNobody()
    {
        string port = $"{RunFolder.FreePort()}";
        MetamapProcess coordinator = Coordinator(port, port);
        MetamapProcess worker = Worker(port);
        await Iteration(5, workers: 1);
        await coordinator.Kill();
        worker.Signal(MetamapProcess.SigTerm);
        Assert.Equal(0, await worker.Exit());
        Assert.Contains("no coordinator answers, so the worker leaves without a good-bye", worker.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("timed out", worker.Errors, StringComparison.Ordinal);
    }

    /// <summary>Of every lease of a block but the first: how long after the one before.</summary>
    private async Task<IEnumerable<double>> SecondsBetweenLeases()
    {
        string[] journal = await File.ReadAllLinesAsync(Path.Combine(Folder["runs"], "small", "journal.jsonl"));
        return journal.Select(line => JournalEntry.Read(line)!).Where(entry => entry.Event == JournalEvent.Leased)
            .GroupBy(lease => (lease.Iteration, lease.Block), lease => lease.At)
            .SelectMany(leases => leases.Zip(leases.Skip(1), (before, after) => (after - before).TotalSeconds));
    }
}
