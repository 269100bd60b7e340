using System.ComponentModel;
using System.Net.ServerSentEvents;
using MetaMap.Coordinator.Runs.Board;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace MetaMap.Coordinator.Http;

/// <summary>What happened in a run, and what happens: <c>/api/runs/{id}/metrics</c> and <c>/events</c>.</summary>
internal static class HistoryEndpoints
{
    private const int UsualMeasures = 10_000;
    private const int MostMeasures = 100_000;

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder run = routes.MapGroup("/api/runs/{id}").WithTags("runs");
        run.MapGet("/metrics", History).WithName("ReadHistory");
        run.MapGet("/events", Events).WithName("ReadEvents");
    }

    /// <summary>The measures of a run's committed iterations, and those on the validation classes, in order.</summary>
    public static async Task<Results<Ok<HistoryBody>, NotFound<ErrorBody>, BadRequest<ErrorBody>>> History(
        string id, RunCatalog catalog, [Description("The first iteration; default: 0.")] int from = 0, [Description("The most measures, 1 to 100,000.")] int limit = UsualMeasures)
    {
        if (from < 0 || limit is < 1 or > MostMeasures)
        {
            return TypedResults.BadRequest(new ErrorBody($"from is {from} and limit {limit}, but from must be 0 or more and limit 1 to {MostMeasures}."));
        }

        return await catalog.Find(id).ConfigureAwait(false) is { } run
            ? TypedResults.Ok(HistoryBody.Of(id, run.Iteration, await catalog.Measures(run, from, limit + 1).ConfigureAwait(false), limit)) : RunEndpoints.Unknown(id);
    }

    /// <summary>
    /// Server-sent events of a run: iteration and validation with the measures of each, status where anything else has changed. Without a place to begin, those
    /// that happen from now on; they end when the run is over, and 204 tells who comes back that no more will come.
    /// </summary>
    public static async Task<Results<ServerSentEventsResult<object>, NoContent, NotFound<ErrorBody>, BadRequest<ErrorBody>>> Events(
        string id, HttpContext context, RunCatalog catalog, RunEvents events, [Description("The first iteration; default: the next one.")] int? from = null,
        [FromHeader(Name = "Last-Event-ID"), Description("The id of the last event that was read; they go on after it.")] string? lastEvent = null)
    {
        MeasurePlace? last = lastEvent is null ? null : MeasurePlace.Read(lastEvent);
        if ((lastEvent is not null && last is null) || from < 0)
        {
            return TypedResults.BadRequest(new ErrorBody(from < 0 ? $"from is {from}, but it must be 0 or more."
                : $"Last-Event-ID is '{lastEvent}', but ids of events are such as 12, or 12-validation."));
        }

        if (await catalog.Find(id).ConfigureAwait(false) is not { } run)
        {
            return RunEndpoints.Unknown(id);
        }

        if (HttpMethods.IsHead(context.Request.Method))
        {
            return TypedResults.ServerSentEvents(AsyncEnumerable.Empty<SseItem<object>>());
        }

        MeasurePlace place = last ?? (from is { } first ? new MeasurePlace(first - 1, true) : new MeasurePlace(run.Iteration, true));
        return last is not null && run.IsOver && (await events.After(run, place).ConfigureAwait(false)).Measures.IsEmpty
            ? TypedResults.NoContent() : TypedResults.ServerSentEvents(events.Read(id, place, Heartbeat, context.RequestAborted));

        // Between two events: the writer of events waits for the next one.
        async Task Heartbeat(CancellationToken cancellation)
        {
            await context.Response.Body.WriteAsync(": heartbeat\n\n"u8.ToArray(), cancellation).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }
}
