using System.Globalization;
using Akka.Actor;
using Akka.Hosting;
using MetaMap.Coordinator.Runs;
using MetaMap.Core;
using MetaMap.Core.Configuration;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MetaMap.Coordinator.Http;

/// <summary><c>/api/runs</c>: list, start, look at and stop runs.</summary>
public static class RunEndpoints
{
    private static readonly TimeSpan _askTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/runs", List);
        routes.MapPost("/api/runs", Start);
        routes.MapGet("/api/runs/{id}", Find);
        routes.MapPost("/api/runs/{id}/stop", Stop);
        routes.MapPost("/api/runs/{id}/evaluate", EvaluationEndpoint.Evaluate).RequireRateLimiting(HttpLimits.Adaptation);
    }

    /// <summary>A name for a run, from its options and the time.</summary>
    public static RunId NameFor(RunOptions options, TimeProvider time) => new(string.Create(CultureInfo.InvariantCulture,
        $"{options.Dataset}-{options.EpisodeShape().Ways}w{options.Shots}s-{options.Algorithm}-{time.GetUtcNow():yyyyMMdd-HHmmss}"));

    /// <summary>All runs of this node, newest name last.</summary>
    public static Ok<RunBody[]> List(RunBoard board) =>
        TypedResults.Ok(board.Runs.Select(RunBody.From).OrderBy(run => run.RunId, StringComparer.Ordinal).ToArray());

    /// <summary>One run.</summary>
    public static Results<Ok<RunBody>, NotFound<ErrorBody>> Find(string id, RunBoard board) =>
        board.Find(new RunId(id)) is { } run ? TypedResults.Ok(RunBody.From(run)) : Unknown(id);

    /// <summary>Starts a run; 400 with one sentence when it cannot be trained.</summary>
    public static async Task<Results<Created<RunBody>, BadRequest<ErrorBody>, Conflict<ErrorBody>>> Start(
        StartRunBody body, RunBoard board, IRequiredActor<RunRegion> runs, TimeProvider time)
    {
        RunOptions options = body.Options ?? new RunOptions();
        try
        {
            options = options.Resolve();
        }
        catch (ConfigurationException error)
        {
            return TypedResults.BadRequest(new ErrorBody(error.Message));
        }

        RunId runId = body.Name is null ? ReserveName(NameFor(options, time), board) : new RunId(body.Name);
        if (!IsName(runId.Value))
        {
            return TypedResults.BadRequest(new ErrorBody(ExplainName(runId.Value)));
        }

        if (body.Name is not null && !board.TryReserve(runId))
        {
            return TypedResults.Conflict(new ErrorBody($"There is a run {runId} already; choose another name."));
        }

        try
        {
            object answer = await runs.ActorRef.Ask<object>(new StartRun(runId, RunOptionsJson.Write(options), Resume: false), _askTimeout).ConfigureAwait(false);
            return answer is RunRefused refused
                ? TypedResults.BadRequest(new ErrorBody(refused.Reason))
                : TypedResults.Created($"/api/runs/{runId}", RunBody.From(board.Find(runId)!));
        }
        finally
        {
            board.EndReservation(runId);
        }
    }

    /// <summary>Stops a run after writing a checkpoint.</summary>
    public static async Task<Results<Ok<RunBody>, NotFound<ErrorBody>>> Stop(string id, RunBoard board, IRequiredActor<RunRegion> runs)
    {
        if (board.Find(new RunId(id)) is null)
        {
            return Unknown(id);
        }

        await runs.ActorRef.Ask<object>(new StopRun(new RunId(id)), _askTimeout).ConfigureAwait(false);
        return TypedResults.Ok(RunBody.From(board.Find(new RunId(id))!));
    }

    /// <summary>Why a name is none.</summary>
    public static string ExplainName(string name) =>
        $"'{name}' is not a name for a run; use 1 to 100 letters, digits, dots, hyphens and underscores, the first a letter or digit.";

    /// <summary>True for a name that a run can have: it is a folder's name, too.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= 100 && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    internal static NotFound<ErrorBody> Unknown(string id) =>
        TypedResults.NotFound(new ErrorBody($"There is no run '{id}' on this coordinator; GET /api/runs lists them."));

    // The time in a name has seconds; two runs may be started in one.
    private static RunId ReserveName(RunId name, RunBoard board) =>
        Enumerable.Range(2, int.MaxValue - 2).Select(i => new RunId($"{name}-{i}")).Prepend(name).First(board.TryReserve);
}
