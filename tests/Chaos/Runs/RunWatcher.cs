using System.Net;
using System.Text;
using System.Text.Json;
using MetaMap.Chaos.Nodes;
using MetaMap.Chaos.Schedule;
using MetaMap.Training.Aggregation;
using MetaMap.Training.Configuration;

namespace MetaMap.Chaos.Runs;

/// <summary>Asks every coordinator for the current run again and again, and starts runs, over HTTP.</summary>
/// <param name="cluster">Whom to ask.</param>
/// <param name="options">Of the runs.</param>
/// <param name="oracle">What every version must be.</param>
internal sealed class RunWatcher(ChaosCluster cluster, ChaosOptions options, Oracle oracle) : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(300);

    private readonly Lock _gate = new();

    // One value: what is seen of the run before says nothing of whether the next one must be started.
    private (string Run, bool MustStart) _watched = ("", false);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(2) };

    /// <summary>All that was seen.</summary>
    public Observations Seen { get; private set; } = Observations.None(oracle);

    /// <summary>Watches another run from now on.</summary>
    /// <param name="run">Its name.</param>
    /// <param name="mustStart">It must be started by a request, because no coordinator begins it by itself.</param>
    public void Turn(string run, bool mustStart)
    {
        lock (_gate)
        {
            _watched = (run, mustStart);
        }
    }

    /// <summary>Watches until cancelled.</summary>
    public async Task Watch(CancellationToken cancellation)
    {
        using PeriodicTimer timer = new(_interval);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                (string run, bool mustStart) = Watched();
                Observation?[] seen = await Task.WhenAll(cluster.Coordinators.Select(coordinator => Look(coordinator, run, cancellation)));
                Seen = seen.OfType<Observation>().Aggregate(Seen, (all, observation) => all.With(observation));
                if (mustStart && seen.OfType<Observation>().All(observation => observation.Run != run))
                {
                    await TryStart(run, cancellation);
                }
                else if (mustStart)
                {
                    IsStarted(run);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The end.
        }
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private (string Run, bool MustStart) Watched()
    {
        lock (_gate)
        {
            return _watched;
        }
    }

    private void IsStarted(string run)
    {
        lock (_gate)
        {
            _watched = _watched.Run == run ? (run, false) : _watched;
        }
    }

    private async Task<Observation?> Look((NodeName Node, int Life, Uri Url) coordinator, string run, CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage answer = await _http.GetAsync(new Uri(coordinator.Url, $"/api/runs/{run}"), cancellation);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                return null;
            }

            using JsonDocument body = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancellation), default, cancellation);
            return Observation.Read(coordinator.Node.ToString(), coordinator.Life, body.RootElement);
        }
        catch (Exception error) when (IsOutOfReach(error, cancellation))
        {
            return null;
        }
    }

    private async Task TryStart(string run, CancellationToken cancellation)
    {
        string body = $$"""{"name":"{{run}}","options":{{RunOptionsJson.Write(options.Run)}}}""";
        foreach ((_, _, Uri url) in cluster.Coordinators)
        {
            try
            {
                using StringContent content = new(body, Encoding.UTF8, "application/json");
                using HttpResponseMessage answer = await _http.PostAsync(new Uri(url, "/api/runs"), content, cancellation);
                if (answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict)
                {
                    return;
                }
            }
            catch (Exception error) when (IsOutOfReach(error, cancellation))
            {
                // The next one, or next time.
            }
        }
    }

    private static bool IsOutOfReach(Exception error, CancellationToken cancellation) =>
        error is HttpRequestException or IOException or JsonException || (error is OperationCanceledException && !cancellation.IsCancellationRequested);
}
