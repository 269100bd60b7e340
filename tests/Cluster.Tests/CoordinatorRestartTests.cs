using System.Text.Json;
using Xunit.Abstractions;

namespace MetaMap.Cluster.Tests;

/// <summary>Coordinators that end in the middle of a run and start anew, elsewhere too.</summary>
[Trait("Category", "Slow")]
public sealed class CoordinatorRestartTests(ITestOutputHelper output) : SmallCluster
{
    [Fact]
    public async Task Coordinator_RestartedAtItsAddressAndAtAnotherOfTheList_WorkersFindItUnaided()
    {
        string first = $"{RunFolder.FreePort()}";
        string second = $"{RunFolder.FreePort()}";
        MetamapProcess before = Coordinator(first, first);
        MetamapProcess worker = Worker(first, second);
        await Iteration(5, workers: 1);
        before.Signal(MetamapProcess.SigTerm);
        Assert.Equal(0, await before.Exit());
        before = Coordinator(first, first);
        await Iteration(10, workers: 1);
        await before.Kill();
        Coordinator(second, second);
        await Finished();
        worker.Signal(MetamapProcess.SigTerm);
        Assert.Equal(0, await worker.Exit());
    }

    [Fact]
    public async Task Coordinator_RestartedWithoutMinWorkers_KeepsThoseOfItsRun()
    {
        string port = $"{RunFolder.FreePort()}";
        MetamapProcess before = Coordinator("127.0.0.1", port, [port], "--min-workers", "3");
        await Problem("waiting for workers: 0 of 3");
        before.Signal(MetamapProcess.SigTerm);
        Assert.Equal(0, await before.Exit());
        before = Coordinator(port, port);
        await Problem("waiting for workers: 0 of 3");
        before.Signal(MetamapProcess.SigTerm);
        Assert.Equal(0, await before.Exit());
        Coordinator("127.0.0.1", port, [port], "--min-workers", "2");
        await Problem("waiting for workers: 0 of 2");

        Task Problem(string wanted) => Rows("runs", rows => rows is [var run] && run.TryGetProperty("problem", out JsonElement problem) && problem.GetString() == wanted);
    }

    [Fact]
    public async Task Coordinator_RestartedAtAnotherAddressOfItsName_WorkersFindItUnaided()
    {
        if (PrivateHosts.Create(Folder["hosts"], output) is not { } hosts)
        {
            return;
        }

        string port = $"{RunFolder.FreePort()}";
        hosts.Set("metamap.test", "127.0.0.1");
        MetamapProcess before = Coordinator("127.0.0.1", port, [port]);
        MetamapProcess worker = Add(MetamapProcess.StartUnder(hosts.Launcher, "worker", "--coordinator", $"dns:metamap.test:{port}", "--threads", "1"));
        await Iteration(5, workers: 1);
        await before.Kill();
        hosts.Set("metamap.test", "127.0.0.2");
        Coordinator("127.0.0.2", port, [port]);
        await Finished();
        worker.Signal(MetamapProcess.SigTerm);
        Assert.Equal(0, await worker.Exit());
    }
}
