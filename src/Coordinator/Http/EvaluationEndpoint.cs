using Akka.Actor;
using Akka.Hosting;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Training.Evaluation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MetaMap.Coordinator.Http;

/// <summary><c>POST /api/runs/{id}/evaluate</c>: the workers of a live run evaluate its current model.</summary>
internal static class EvaluationEndpoint
{
    private const int MostEpisodes = 100_000;
    private static readonly TimeSpan _askTimeout = TimeSpan.FromMinutes(30);

    /// <summary>The workers of a run measure its current model; answered when all episodes have been measured.</summary>
    public static async Task<Results<Ok<EvaluationBody>, NotFound<ErrorBody>, BadRequest<ErrorBody>, Conflict<ErrorBody>>> Evaluate(
        string id, EvaluateBody body, RunCatalog catalog, IRequiredActor<RunRegion> runs, ActorSystem system, HttpContext context)
    {
        if (await catalog.Find(id).ConfigureAwait(false) is not { } run)
        {
            return RunEndpoints.Unknown(id);
        }

        SplitPart part;
        try
        {
            part = EvaluationParts.Read(body.Part ?? "test");
        }
        catch (ConfigurationException error)
        {
            return TypedResults.BadRequest(new ErrorBody(error.Message));
        }

        if (body.Episodes is < 1 or > MostEpisodes || body.InnerSteps is < 0 or > IAdaptsInEvaluation.MostInnerSteps)
        {
            return TypedResults.BadRequest(new ErrorBody($"episodes must be 1 to {MostEpisodes} and inner_steps 0 to {IAdaptsInEvaluation.MostInnerSteps}."));
        }

        RunOptions options = run.Snapshot?.Options ?? run.Stored!.Options;
        if (options.Supervised is not null && (body.Episodes is not null || body.InnerSteps is not null))
        {
            return TypedResults.BadRequest(new ErrorBody("A supervised run is measured on every example of a part once, without episodes and inner steps; leave episodes and inner_steps out."));
        }

        if (body.InnerSteps is not null && options.Find<IAdaptsInEvaluation>() is null)
        {
            return TypedResults.BadRequest(new ErrorBody($"{options.Algorithm} has no inner steps; leave inner_steps out."));
        }

        int innerSteps = body.InnerSteps ?? options.EvalInnerSteps;
        object answer = await EvaluationClient.Ask(
            system, runs.ActorRef, new EvaluateRun(new RunId(id), body.Episodes ?? 600, innerSteps, part), _askTimeout, context.RequestAborted).ConfigureAwait(false);
        return answer is RunEvaluated { Result.IsFinite: false } diverged
            ? TypedResults.Conflict(new ErrorBody(diverged.Result.Divergence($"The model of iteration {diverged.Iteration} of run {id}", EvaluationParts.NameOf(part))))
            : answer is RunEvaluated evaluated
            ? TypedResults.Ok(EvaluationBody.From(
                id, evaluated.Iteration, evaluated.ModelSha256, EvaluationParts.NameOf(part), (run.Snapshot?.Shape ?? run.Stored?.Shape)?.TargetLength > 0, evaluated.Result))
            : TypedResults.Conflict(new ErrorBody(((RunRefused)answer).Reason));
    }
}
