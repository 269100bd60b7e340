using System.Collections.Immutable;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace MetaMap.Coordinator.Http;

/// <summary><c>/api/runs/{id}/adapt</c> and <c>/api/sessions</c>: a model adapted to a client's examples, and its predictions.</summary>
internal static class SessionEndpoints
{
    // Of a body with examples.
    private const long MostBytes = 64L << 20;

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/runs/{id}/adapt", Adapt).WaitsForWorkers().RequireRateLimiting(RequestLimits.Adaptation)
            .WithMetadata(new RequestSizeLimitAttribute(MostBytes)).Accepts<AdaptBody>("application/json", "multipart/form-data")
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest).Produces<ErrorBody>(StatusCodes.Status409Conflict).Produces<ErrorBody>(StatusCodes.Status503ServiceUnavailable)
            .WithName("AdaptRun").WithTags("sessions");
        RouteGroupBuilder sessions = routes.MapGroup("/api/sessions/{id}").WithTags("sessions");
        sessions.MapPost("/predict", Predict).WaitsForWorkers().WithMetadata(new RequestSizeLimitAttribute(MostBytes)).Accepts<PredictBody>("application/json", "multipart/form-data")
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest).Produces<ErrorBody>(StatusCodes.Status503ServiceUnavailable).WithName("PredictInSession");
        sessions.MapGet("", Find).WithName("ReadSession");
        sessions.MapGet("/model", Download).WaitsForWorkers().WithName("ReadSessionModel");
        sessions.MapDelete("", Close).WithName("EndSession");
    }

    /// <summary>Adapts a run's model to the examples of the body; answers when that is done.</summary>
    public static async Task<Results<Created<SessionBody>, NotFound<ErrorBody>>> Adapt(string id, HttpRequest request, RunCatalog catalog, AdaptationSessions sessions)
    {
        if (await catalog.Find(id).ConfigureAwait(false) is not { } run)
        {
            return RunEndpoints.Unknown(id);
        }

        CancellationToken left = request.HttpContext.RequestAborted;
        (ImmutableArray<ClientExample> support, int? version, int? steps) = await SessionRequests.Adaptation(request, left).ConfigureAwait(false);
        OpenedSession opened = await sessions.Open(run, version, support, steps, left).ConfigureAwait(false);
        return TypedResults.Created($"/api/sessions/{opened.Session.SessionId}", Body(opened.Session) with { Milliseconds = Math.Round(opened.Milliseconds, 1) });
    }

    /// <summary>Predicts the examples of the body.</summary>
    public static async Task<Ok<PredictionsBody>> Predict(string id, HttpRequest request, AdaptationSessions sessions)
    {
        CancellationToken left = request.HttpContext.RequestAborted;
        ImmutableArray<Data.ExampleContent> queries = await SessionRequests.Queries(request, left).ConfigureAwait(false);
        (StoredSession session, ImmutableArray<float[]> rows) = await sessions.Predict(id, queries, left).ConfigureAwait(false);
        return TypedResults.Ok(new PredictionsBody([.. rows.Select(row => session.Labels.IsEmpty
            ? new PredictionBody(Value: row[0])
            : new PredictionBody(session.Labels[Array.IndexOf(row, row.Max())], session.Labels.Zip(row).ToImmutableSortedDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal)))]));
    }

    /// <summary>A session.</summary>
    public static async Task<Ok<SessionBody>> Find(string id, AdaptationSessions sessions) => TypedResults.Ok(Body(await sessions.Find(id).ConfigureAwait(false)));

    /// <summary>The adapted model as safetensors, for <c>metamap predict</c>.</summary>
    public static async Task<FileContentHttpResult> Download(string id, HttpRequest request, AdaptationSessions sessions) => TypedResults.Bytes(
        await sessions.File(id, request.HttpContext.RequestAborted).ConfigureAwait(false), "application/octet-stream", $"{id}.safetensors", enableRangeProcessing: true);

    /// <summary>Ends a session.</summary>
    public static async Task<NoContent> Close(string id, AdaptationSessions sessions)
    {
        await sessions.Close(id).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    /// <summary>The status of a refusal.</summary>
    internal static int StatusOf(SessionProblem problem) => problem switch
    {
        SessionProblem.Missing => StatusCodes.Status404NotFound,
        SessionProblem.NotYet => StatusCodes.Status409Conflict,
        SessionProblem.TooMany => StatusCodes.Status429TooManyRequests,
        SessionProblem.NoWorker => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    };

    private static SessionBody Body(StoredSession session) => new(session.SessionId, session.RunId, session.Version, session.Labels, session.Expires);
}
