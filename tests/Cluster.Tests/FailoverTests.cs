using System.Text.Json;
using MetaMap.Coordinator.Tests.Stores;

namespace MetaMap.Cluster.Tests;

/// <summary>Three coordinators over one PostgreSQL (or one shared folder), and workers: the run moves, and keeps its bits. Real processes.</summary>
[Trait("Category", "Slow")]
public sealed class FailoverTests(PostgresServer server) : IClassFixture<PostgresServer>, IDisposable
{
    private const int Coordinators = 3;
    private const int Iterations = 110;
    private const string Name = "moved";

    private readonly RunFolder _folder = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly string[] _ports = [.. Enumerable.Range(0, Coordinators).Select(_ => $"{RunFolder.FreePort()}")];
    private readonly string[] _httpPorts = [.. Enumerable.Range(0, Coordinators).Select(_ => $"{RunFolder.FreePort()}")];
    private readonly MetamapProcess?[] _coordinators = new MetamapProcess?[Coordinators];
    private string _store = "";

    private string Seeds => string.Join(',', _ports.Select(port => $"127.0.0.1:{port}"));

    public void Dispose()
    {
        _http.Dispose();
        foreach (MetamapProcess? coordinator in _coordinators)
        {
            coordinator?.Dispose();
        }

        _folder.Dispose();
    }

    [PostgresFact]
    public async Task Owner_KilledThenPausedOverPostgres_AnotherGoesOnFromTheLastCommitToTheSameBits()
    {
        _store = await server.NewDatabase();
        await KillThenPause(Name, "--store", _store);
    }

    [Fact]
    public Task Owner_KilledThenPausedOverASharedFolder_AnotherGoesOnFromTheLastCommitToTheSameBits()
    {
        _store = _folder["shared"];
        return KillThenPause(Path.Combine(_store, Name));
    }

    private async Task KillThenPause(params string[] audited)
    {
        for (int i = 0; i < Coordinators; i++)
        {
            StartCoordinator(i);
        }

        using MetamapProcess first = StartWorker();
        using MetamapProcess second = StartWorker();
        await Task.WhenAll(Enumerable.Range(0, Coordinators).Select(i => Poll.Ready(_http, Url(i), () => _coordinators[i]!.Errors)));
        await MetamapProcess.Run(["run", "start", "--json", "--name", Name, "--url", Url(0), .. SmallRun.Arguments(Iterations)]);

        int killed = await Owner(iteration: 20);
        await _coordinators[killed]!.Kill();
        int next = await Owner(iteration: 40, except: killed);
        StartCoordinator(killed);
        await Until(run => run.GetProperty("iteration").GetInt32() >= 60);

        // Paused, it believes that it owns the run; when it goes on, its commits are refused, and it leaves.
        await Pause(_coordinators[next]!);
        int last = await Owner(iteration: 70, except: next);
        _coordinators[next]!.Signal(MetamapProcess.SigCont);
        await Until(run => run.GetProperty("status").GetString() == "finished", except: next);
        JsonElement model = await MetamapProcess.Run("model", "--json", "--run", Name, "--url", Url(last));
        Assert.Equal(SmallRun.LocalSha256Of(Iterations), model.GetProperty("model_sha256").GetString());

        JsonElement audit = await MetamapProcess.Run(["run", "audit", "--json", .. audited]);
        Assert.True(audit.GetProperty("is_clean").GetBoolean(), audit.ToString());
        Assert.Equal((Iterations, Iterations), (audit.GetProperty("commits").GetInt32(), audit.GetProperty("iteration").GetInt32()));
        Assert.InRange(audit.GetProperty("claims").GetInt32(), 3, int.MaxValue);
    }

    /// <summary>Stops a coordinator, but not while it holds a folder's lock: nobody could take a run over whose files are half written.</summary>
    private async Task Pause(MetamapProcess coordinator)
    {
        coordinator.Signal(MetamapProcess.SigStop);
        while (IsLocked(Path.Combine(_store, Name, "lock")))
        {
            coordinator.Signal(MetamapProcess.SigCont);
            await Task.Delay(TimeSpan.FromMilliseconds(20));
            coordinator.Signal(MetamapProcess.SigStop);
        }
    }

    private static bool IsLocked(string path)
    {
        try
        {
            using FileStream? free = File.Exists(path) ? new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None) : null;
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private string Url(int coordinator) => $"http://127.0.0.1:{_httpPorts[coordinator]}";

    private void StartCoordinator(int i)
    {
        _coordinators[i]?.Dispose();
        _coordinators[i] = MetamapProcess.Start(
            "coordinator", "--port", _ports[i], "--http-port", _httpPorts[i], "--seeds", Seeds, "--store", _store, "--runs", _folder[$"runs{i}"], "--no-run");
    }

    private MetamapProcess StartWorker() => MetamapProcess.Start("worker", "--coordinator", Seeds, "--threads", "1");

    /// <summary>The coordinator that owns the run once it has come so far.</summary>
    private async Task<int> Owner(int iteration, int? except = null)
    {
        int owner = -1;
        await Until((coordinator, run) =>
        {
            // The owner itself names no other.
            owner = run.TryGetProperty("owner", out _) || run.GetProperty("status").GetString() != "training" ? owner : coordinator;
            return owner >= 0 && owner != except && run.GetProperty("iteration").GetInt32() >= iteration;
        }, except);
        return owner;
    }

    private Task Until(Func<JsonElement, bool> fits, int? except = null) => Until((_, run) => fits(run), except);

    /// <summary>Asks the coordinators in turn until one shows the run as it should be.</summary>
    private Task Until(Func<int, JsonElement, bool> fits, int? except)
    {
        string[] last = new string[Coordinators];
        int turn = 0;
        return Poll.Until(
            async cancellation =>
            {
                int coordinator = turn++ % Coordinators;
                if (coordinator == except)
                {
                    return false;
                }

                last[coordinator] = await _http.GetStringAsync($"{Url(coordinator)}/api/runs", cancellation);
                using JsonDocument runs = JsonDocument.Parse(last[coordinator]);
                return runs.RootElement.GetArrayLength() == 1 && fits(coordinator, runs.RootElement[0]);
            },
            () => string.Join('\n', Enumerable.Range(0, Coordinators).Select(
                i => $"---- coordinator {i} at {_ports[i]} last said {last[i]}, and logged:\n{_coordinators[i]?.Errors}")));
    }
}
