using System.Text.Json;
using MetaMap.Coordinator.Journal;
using Xunit.Abstractions;

namespace MetaMap.Cluster.Tests;

/// <summary>What is done to worker and coordinator processes in the middle of a run; the model has the bits of the local loop every time.</summary>
[Trait("Category", "Slow")]
public sealed class WorkerSignalsTests(ITestOutputHelper output) : IDisposable
{
    private readonly RunFolder _folder = new();
    private readonly List<MetamapProcess> _processes = [];
    private readonly int _httpPort = RunFolder.FreePort();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    public void Dispose()
    {
        _http.Dispose();
        _processes.ForEach(process => process.Dispose());
        _folder.Dispose();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(25)] // long beyond its removal from the cluster
    public async Task Worker_StoppedForSeconds_GoesOnAndTheBitsAreTheSame(int seconds)
    {
        string port = $"{RunFolder.FreePort()}";
        Coordinator(port, port);
        MetamapProcess steady = Worker(port);
        MetamapProcess stopped = Worker(port);
        await Iteration(5, workers: 2);
        stopped.Signal(MetamapProcess.SigStop);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        stopped.Signal(MetamapProcess.SigCont);
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

    [Fact]
    public async Task Coordinators_AllRestartedAtAnotherAddressOfTheList_WorkersFindThemUnaided()
    {
        string first = $"{RunFolder.FreePort()}";
        string second = $"{RunFolder.FreePort()}";
        MetamapProcess before = Coordinator(first, first);
        MetamapProcess worker = Worker(first, second);
        await Iteration(5, workers: 1);
        before.Signal(MetamapProcess.SigKill);
        await before.Exit();
        Coordinator(second, second);
        await Finished();
        worker.Signal(MetamapProcess.SigTerm);
        Assert.Equal(0, await worker.Exit());
    }

    [Fact]
    public async Task Coordinator_RestartedAtAnotherAddressOfItsName_WorkersFindItUnaided()
    {
        if (PrivateHosts.Create(_folder["hosts"], output) is not { } hosts)
        {
            return;
        }

        string port = $"{RunFolder.FreePort()}";
        hosts.Set("metamap.test", "127.0.0.1");
        MetamapProcess before = Coordinator("127.0.0.1", port, [port]);
        MetamapProcess worker = Add(MetamapProcess.StartUnder(hosts.Launcher, "worker", "--coordinator", $"dns:metamap.test:{port}", "--threads", "1"));
        await Iteration(5, workers: 1);
        before.Signal(MetamapProcess.SigKill);
        await before.Exit();
        hosts.Set("metamap.test", "127.0.0.2");
        Coordinator("127.0.0.2", port, [port]);
        await Finished();
        worker.Signal(MetamapProcess.SigTerm);
        Assert.Equal(0, await worker.Exit());
    }

    [Fact]
    public async Task Coordinator_RestartedAtTheSameAddress_WorkersFindItUnaided()
    {
        string port = $"{RunFolder.FreePort()}";
        MetamapProcess before = Coordinator(port, port);
        Worker(port);
        await Iteration(5, workers: 1);
        before.Signal(MetamapProcess.SigTerm);
        Assert.Equal(0, await before.Exit());
        Coordinator(port, port);
        await Finished();
    }

    private MetamapProcess Coordinator(string port, params string[] seeds) => Coordinator("127.0.0.1", port, seeds);

    private MetamapProcess Coordinator(string host, string port, string[] seeds) => Add(MetamapProcess.Start([
        "coordinator", "--host", host, "--port", port, "--http-port", $"{_httpPort}", "--runs", _folder["runs"], "--name", "small",
        "--seeds", string.Join(',', seeds.Select(seed => $"{host}:{seed}")), .. SmallRun.Arguments(null)]));

    private MetamapProcess Worker(params string[] ports) => Add(MetamapProcess.Start(
        "worker", "--coordinator", string.Join(',', ports.Select(port => $"127.0.0.1:{port}")), "--threads", "1"));

    private MetamapProcess Add(MetamapProcess process)
    {
        _processes.Add(process);
        return process;
    }

    private async Task Iteration(int iteration, int workers)
    {
        await Rows("workers", rows => rows.Length == workers);
        await Rows("runs", rows => rows.Length == 1 && rows[0].GetProperty("iteration").GetInt32() >= iteration);
    }

    private async Task<JsonElement> Finished()
    {
        JsonElement run = (await Rows("runs", rows => rows.Length == 1 && rows[0].GetProperty("status").GetString() == "finished"))[0];
        Assert.Equal(SmallRun.LocalSha256, run.GetProperty("model_sha256").GetString());
        return run;
    }

    /// <summary>Of every lease of a block but the first: how long after the one before.</summary>
    private async Task<IEnumerable<double>> SecondsBetweenLeases()
    {
        string[] journal = await File.ReadAllLinesAsync(Path.Combine(_folder["runs"], "small", "journal.jsonl"));
        return journal.Select(line => JournalEntry.Read(line)!).Where(entry => entry.Event == JournalEvent.Leased)
            .GroupBy(lease => (lease.Iteration, lease.Block), lease => lease.At)
            .SelectMany(leases => leases.Zip(leases.Skip(1), (before, after) => (after - before).TotalSeconds));
    }

    /// <summary>Asks the coordinator until its rows fit.</summary>
    private async Task<JsonElement[]> Rows(string of, Func<JsonElement[], bool> fit) => [.. (await Poll.Json(
        _http, $"http://127.0.0.1:{_httpPort}/api/{of}", rows => fit([.. rows.EnumerateArray()]), () => string.Join("\n----\n", _processes.Select(process => process.Errors)))).EnumerateArray()];
}
