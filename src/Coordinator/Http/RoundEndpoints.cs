using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Sessions;
using MetaMap.Shared.Messages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MetaMap.Coordinator.Http;

/// <summary>What a run works on now: <c>/api/runs/{id}/blocks</c> and <c>/episode</c>.</summary>
internal static class RoundEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder run = routes.MapGroup("/api/runs/{id}").WithTags("runs");
        run.MapGet("/blocks", Blocks).WithName("ReadBlocks");
        run.MapGet("/episode", Episode).WaitsForWorkers().RequireRateLimiting(RequestLimits.Adaptation).WithMetadata(new KnownAnswers(IsKnown))
            .Produces<ErrorBody>(StatusCodes.Status409Conflict).Produces<ErrorBody>(StatusCodes.Status503ServiceUnavailable).WithName("ReadEpisode");
    }

    private static bool IsKnown(HttpContext context) =>
        context.Request.RouteValues["id"] is string id && context.RequestServices.GetRequiredService<EpisodeViews>().IsKnown(id);

    /// <summary>Who has which block, for how long, and what became of the blocks of lost workers; both empty where the run is not trained.</summary>
    public static async Task<Results<Ok<BlocksBody>, NotFound<ErrorBody>>> Blocks(string id, RunCatalog catalog, RunBoard board) =>
        await catalog.Find(id).ConfigureAwait(false) is { } run ? TypedResults.Ok(BlocksBody.From(board.BlocksOf(new RunId(run.RunId)))) : RunEndpoints.Unknown(id);

    /// <summary>The first episode of the current iteration as pictures, with what the current model predicts; a few seconds old at most.</summary>
    public static async Task<Results<Ok<EpisodeBody>, NotFound<ErrorBody>>> Episode(string id, HttpContext context, RunCatalog catalog, EpisodeViews views) =>
        await catalog.Find(id).ConfigureAwait(false) is { } run ? TypedResults.Ok(EpisodeBody.From(await views.Look(run, context.RequestAborted).ConfigureAwait(false))) : RunEndpoints.Unknown(id);
}
