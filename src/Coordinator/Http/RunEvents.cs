using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Stores;
using MetaMap.Coordinator.Workers;
using Microsoft.Extensions.Hosting;

namespace MetaMap.Coordinator.Http;

/// <summary>
/// What happens to a run, event by event, on any coordinator: it looks at the catalog and the stored measures while a client reads, so a
/// slow client costs no memory, and one that leaves costs nothing.
/// </summary>
internal sealed class RunEvents(RunCatalog catalog, WorkerBoard workers, TimeProvider time, IHostApplicationLifetime life)
{
    private const int PageLines = 1000;
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _quiet = TimeSpan.FromSeconds(15);

    private int _clients;

    /// <summary>Clients that read events now.</summary>
    public int Clients => Volatile.Read(ref _clients);

    /// <summary>The measures of a run after a place, at most a page of them.</summary>
    public async Task<HistoryBody> After(CatalogRun run, MeasurePlace place)
    {
        HistoryBody page = HistoryBody.Of(run.RunId, run.Iteration, await catalog.Measures(run, place.Iteration, PageLines + 1).ConfigureAwait(false), PageLines);
        return page with { Measures = page.Measures.RemoveAll(measure => !measure.Place.IsAfter(place)) };
    }

    /// <summary>An event <c>iteration</c> or <c>validation</c> for each measure, and <c>status</c> for each change; ends after the run is over, deleted, or the node stops.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="place">Measures after it are sent.</param>
    /// <param name="heartbeat">Called where nothing has happened for a while.</param>
    /// <param name="cancellation">Cancelled when the client leaves.</param>
    public async IAsyncEnumerable<SseItem<object>> Read(string runId, MeasurePlace place, Func<CancellationToken, Task> heartbeat, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation, life.ApplicationStopping);
        using PeriodicTimer timer = new(_look, time);
        Interlocked.Increment(ref _clients);
        try
        {
            (object Run, int Workers, int Lanes)? shown = null;
            long told = time.GetTimestamp();
            while (await Look(runId, place, timer, over.Token).ConfigureAwait(false) is var (run, page))
            {
                foreach (MeasureBody measure in page.Measures)
                {
                    place = measure.Place;
                    told = time.GetTimestamp();
                    yield return new SseItem<object>(measure, place.IsValidation ? "validation" : "iteration") { EventId = place.ToString() };
                }

                WorkerSnapshot[] ready = [.. workers.Workers.Where(worker => worker.IsReady)];
                var now = (run.Seen, ready.Length, ready.Sum(worker => worker.Lanes));
                if (shown != now)
                {
                    shown = now;
                    told = time.GetTimestamp();
                    yield return new SseItem<object>(RunStatusBody.From(run, ready), "status");
                }

                if (time.GetElapsedTime(told) >= _quiet)
                {
                    told = time.GetTimestamp();
                    await heartbeat(over.Token).ConfigureAwait(false);
                }

                if (page.Next is null && (run.IsOver || !await Tick(timer, over.Token).ConfigureAwait(false)))
                {
                    yield break;
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _clients);
        }
    }

    /// <summary>The run and what is new of it, as soon as the store answers; null when the run was deleted, or nobody waits any more.</summary>
    private async Task<(CatalogRun Run, HistoryBody Page)?> Look(string runId, MeasurePlace place, PeriodicTimer timer, CancellationToken over)
    {
        do
        {
            try
            {
                return await catalog.Find(runId).ConfigureAwait(false) is { } run ? (run, await After(run, place).ConfigureAwait(false)) : null;
            }
            catch (StoreException)
            {
                // Events go on when it is back.
            }
        }
        while (await Tick(timer, over).ConfigureAwait(false));
        return null;
    }

    private static async Task<bool> Tick(PeriodicTimer timer, CancellationToken over)
    {
        try
        {
            return await timer.WaitForNextTickAsync(over).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
