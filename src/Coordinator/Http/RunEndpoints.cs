using Akka.Actor;
using Akka.Hosting;
using MetaMap.Coordinator.Runs;
using MetaMap.Core;
using MetaMap.Core.Configuration;
using MetaMap.Core.Rounds;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MetaMap.Coordinator.Http;

/// <summary><c>/api/runs</c>: list, start, look at, pause, resume, stop and delete runs.</summary>
public static class RunEndpoints
{
    private static readonly TimeSpan _askTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/runs", List);
        routes.MapPost("/api/runs", Start);
        routes.MapGet("/api/runs/{id}", Find);
        routes.MapPost("/api/runs/{id}/pause", (string id, RunCatalog catalog, IRequiredActor<RunRegion> runs) => Order(new PauseRun(new RunId(id)), catalog, runs));
        routes.MapPost("/api/runs/{id}/resume", (string id, RunCatalog catalog, IRequiredActor<RunRegion> runs) => Order(new ResumeRun(new RunId(id)), catalog, runs));
        routes.MapPost("/api/runs/{id}/stop", (string id, RunCatalog catalog, IRequiredActor<RunRegion> runs) => Order(new StopRun(new RunId(id)), catalog, runs));
        routes.MapDelete("/api/runs/{id}", Delete);
        routes.MapPost("/api/runs/{id}/evaluate", EvaluationEndpoint.Evaluate).RequireRateLimiting(HttpLimits.Adaptation);
    }

    /// <summary>All runs of the cluster, the oldest first.</summary>
    public static async Task<Ok<RunBody[]>> List(RunCatalog catalog) =>
        TypedResults.Ok((await catalog.List().ConfigureAwait(false)).Select(RunBody.From).ToArray());

    /// <summary>One run.</summary>
    public static async Task<Results<Ok<RunBody>, NotFound<ErrorBody>>> Find(string id, RunCatalog catalog) =>
        await catalog.Find(id).ConfigureAwait(false) is { } run ? TypedResults.Ok(RunBody.From(run)) : Unknown(id);

    /// <summary>Starts a run; 400 with one sentence when it cannot be trained.</summary>
    public static async Task<Results<Created<RunBody>, BadRequest<ErrorBody>, Conflict<ErrorBody>>> Start(
        StartRunBody body, RunBoard board, RunCatalog catalog, IRequiredActor<RunRegion> runs, CoordinatorSettings settings, TimeProvider time)
    {
        RunOptions options = body.Options ?? new RunOptions();
        RunPolicy policy = body.Policy ?? settings.Policy;
        try
        {
            options = options.Resolve();
            policy.Validate();
        }
        catch (ConfigurationException error)
        {
            return TypedResults.BadRequest(new ErrorBody(error.Message));
        }

        RunId runId = body.Name is null ? ReserveName(RunName.For(options, time), board) : new RunId(body.Name);
        if (!RunName.IsName(runId.Value))
        {
            return TypedResults.BadRequest(new ErrorBody(RunName.Explain(runId.Value)));
        }

        if (body.Name is not null && !board.TryReserve(runId))
        {
            return TypedResults.Conflict(new ErrorBody($"There is a run {runId} already; choose another name."));
        }

        try
        {
            object answer = await runs.ActorRef.Ask<object>(new StartRun(
                runId, RunOptionsJson.Write(options), Resume: false, IsAttended: false, policy.Weight, policy.MinWorkers, policy.AuditFraction),
                _askTimeout).ConfigureAwait(false);
            return answer is RunRefused refused
                ? TypedResults.BadRequest(new ErrorBody(refused.Reason))
                : TypedResults.Created($"/api/runs/{runId}", RunBody.From((await catalog.Find(runId.Value).ConfigureAwait(false))!));
        }
        finally
        {
            board.EndReservation(runId);
        }
    }

    /// <summary>Stops a run if need be, and forgets everything that was stored of it.</summary>
    public static async Task<Results<NoContent, NotFound<ErrorBody>, Conflict<ErrorBody>>> Delete(string id, RunCatalog catalog, IRequiredActor<RunRegion> runs)
    {
        if (await catalog.Find(id).ConfigureAwait(false) is null)
        {
            return Unknown(id);
        }

        object answer = await runs.ActorRef.Ask<object>(new DeleteRun(new RunId(id)), _askTimeout).ConfigureAwait(false);
        return answer is RunRefused refused ? TypedResults.Conflict(new ErrorBody(refused.Reason)) : TypedResults.NoContent();
    }

    internal static NotFound<ErrorBody> Unknown(string id) =>
        TypedResults.NotFound(new ErrorBody($"There is no run '{id}' on this coordinator; GET /api/runs lists them."));

    /// <summary>Pauses, resumes or stops a run.</summary>
    private static async Task<Results<Ok<RunBody>, NotFound<ErrorBody>, Conflict<ErrorBody>>> Order(
        IRunMessage order, RunCatalog catalog, IRequiredActor<RunRegion> runs)
    {
        string id = order.RunId.Value;
        if (await catalog.Find(id).ConfigureAwait(false) is null)
        {
            return Unknown(id);
        }

        object answer = await runs.ActorRef.Ask<object>(order, _askTimeout).ConfigureAwait(false);
        return answer is RunRefused refused
            ? TypedResults.Conflict(new ErrorBody(refused.Reason))
            : TypedResults.Ok(RunBody.From((await catalog.Find(id).ConfigureAwait(false))!));
    }

    // The time in a name has seconds; two runs may be started in one.
    private static RunId ReserveName(RunId name, RunBoard board) =>
        Enumerable.Range(2, int.MaxValue - 2).Select(i => new RunId($"{name}-{i}")).Prepend(name).First(board.TryReserve);
}
