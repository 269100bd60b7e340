using Akka.Actor;
using Akka.Hosting;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Safetensors;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Rounds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MetaMap.Coordinator.Http;

/// <summary><c>/api/runs</c>: list, start, look at, pause, resume, stop and delete runs.</summary>
internal static class RunEndpoints
{
    // Of a body with parameters to start from.
    private const long MostStartBytes = 512L << 20;

    private static readonly TimeSpan _askTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder runs = routes.MapGroup("/api/runs").WithTags("runs");
        runs.MapGet("", List).WithName("ListRuns");
        RouteGroupBuilder changes = runs.MapGroup("").AddEndpointFilter(RefuseChanges);
        changes.MapPost("", Start).WithName("StartRun");
        changes.MapPost("/init", Start).WithMetadata(new RequestSizeLimitAttribute(MostStartBytes))
            .WithName("StartRunFromParameters").WithDescription("The body may hold parameters to start from, and so be larger.");
        runs.MapGet("/{id}", Find).WithName("ReadRun");
        foreach (RunCommand command in new[] { RunCommand.Pause, RunCommand.Resume, RunCommand.Stop })
        {
            changes.MapPost($"/{{id}}/{command.ToString().ToLowerInvariant()}", (string id, RunCatalog catalog, IRequiredActor<RunRegion> region) => Command(id, command, catalog, region))
                .WithName($"{command}Run").WithSummary($"{command}s a run.");
        }

        changes.MapDelete("/{id}", Delete).WithName("DeleteRun");
        runs.MapPost("/{id}/evaluate", EvaluationEndpoint.Evaluate).WaitsForWorkers().RequireRateLimiting(RequestLimits.Adaptation).WithName("EvaluateRun");
    }

    /// <summary>All runs of the cluster, the oldest first.</summary>
    public static async Task<Ok<RunBody[]>> List(RunCatalog catalog) =>
        TypedResults.Ok((await catalog.List().ConfigureAwait(false)).Select(RunBody.From).ToArray());

    /// <summary>One run.</summary>
    public static async Task<Results<Ok<RunBody>, NotFound<ErrorBody>>> Find(string id, RunCatalog catalog) =>
        await catalog.Find(id).ConfigureAwait(false) is { } run ? TypedResults.Ok(RunBody.From(run)) : Unknown(id);

    /// <summary>Starts a run; 400 with one sentence when it cannot be trained.</summary>
    public static async Task<Results<Created<RunBody>, BadRequest<ErrorBody>, Conflict<ErrorBody>>> Start(
        StartRunBody body, GivenStarts starts, RunBoard board, RunCatalog catalog, IRequiredActor<RunRegion> runs, CoordinatorSettings settings, TimeProvider time)
    {
        RunPolicy policy = body.Policy ?? settings.Policy;
        RunOptions options;
        StartingPoint? start;
        try
        {
            options = (body.Options ?? OptionValues.None).Resolve("The request body", "options.");
            policy.Validate();
            start = body.Init is null ? null : StartingPoint.Of(SafetensorsReader.Read(body.Init, "The file to start from"), "The file to start from");
            options = start is null || options.InitSha256 is not null ? options : options.With((RunOptions.InitKey, start.Sha256));
        }
        catch (Exception error) when (error is ConfigurationException or DataException)
        {
            return TypedResults.BadRequest(new ErrorBody(error.Message));
        }

        RunId runId = body.Name is null ? ReserveName(RunName.For(options, time), board) : new RunId(body.Name);
        if (!RunName.IsName(runId.Value))
        {
            return TypedResults.BadRequest(new ErrorBody(RunName.Explain(runId.Value)));
        }

        if (body.Name is not null && !await catalog.TryReserve(runId).ConfigureAwait(false))
        {
            return TypedResults.Conflict(new ErrorBody($"There is a run {runId} already; choose another name."));
        }

        try
        {
            string? taken = start is null ? null : await starts.Enter(runId.Value, options, policy, isAttended: false, body.Data, start).ConfigureAwait(false);

            object answer = await runs.ActorRef.Ask<object>(new StartRun(
                runId, RunOptionsJson.Write(options), Resume: start is not null, IsAttended: false, policy, body.Data), _askTimeout).ConfigureAwait(false);
            return answer is RunRefused refused
                ? TypedResults.BadRequest(new ErrorBody(refused.Reason))
                : TypedResults.Created($"/api/runs/{runId}", RunBody.From((await catalog.Find(runId.Value).ConfigureAwait(false))!) with { Start = taken });
        }
        catch (Exception error) when (start is not null && error is ConfigurationException or DataException)
        {
            return TypedResults.BadRequest(new ErrorBody(error.Message));
        }
        finally
        {
            board.EndReservation(runId);
        }
    }

    /// <summary>Stops a run if necessary, and deletes everything that was stored of it.</summary>
    public static async Task<Results<NoContent, NotFound<ErrorBody>, Conflict<ErrorBody>>> Delete(string id, RunCatalog catalog, IRequiredActor<RunRegion> runs)
    {
        if (await catalog.Find(id).ConfigureAwait(false) is null)
        {
            return Unknown(id);
        }

        object answer = await runs.ActorRef.Ask<object>(new CommandRun(new RunId(id), RunCommand.Delete), _askTimeout).ConfigureAwait(false);
        return answer is RunRefused refused ? TypedResults.Conflict(new ErrorBody(refused.Reason)) : TypedResults.NoContent();
    }

    internal static NotFound<ErrorBody> Unknown(string id) =>
        TypedResults.NotFound(new ErrorBody($"There is no run '{id}' on this coordinator; `metamap run list` (GET /api/runs) lists them."));

    private static async ValueTask<object?> RefuseChanges(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.RequestServices.GetRequiredService<CoordinatorSettings>().ServesOnly
            ? TypedResults.Conflict(new ErrorBody("This process serves a model file: it starts, changes and deletes no runs. `metamap coordinator` does."))
            : await next(context).ConfigureAwait(false);

    /// <summary>Pauses, resumes or stops a run.</summary>
    private static async Task<Results<Ok<RunBody>, NotFound<ErrorBody>, Conflict<ErrorBody>>> Command(
        string id, RunCommand command, RunCatalog catalog, IRequiredActor<RunRegion> runs)
    {
        if (await catalog.Find(id).ConfigureAwait(false) is null)
        {
            return Unknown(id);
        }

        object answer = await runs.ActorRef.Ask<object>(new CommandRun(new RunId(id), command), _askTimeout).ConfigureAwait(false);
        return answer is RunRefused refused
            ? TypedResults.Conflict(new ErrorBody(refused.Reason))
            : TypedResults.Ok(RunBody.From((await catalog.Find(id).ConfigureAwait(false))!));
    }

    // The time in a name has a resolution of seconds, and two runs may be started within one.
    private static RunId ReserveName(RunId name, RunBoard board) =>
        Enumerable.Range(2, int.MaxValue - 2).Select(i => new RunId($"{name}-{i}")).Prepend(name).First(board.TryReserve);
}
