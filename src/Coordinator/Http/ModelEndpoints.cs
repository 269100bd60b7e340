using System.Globalization;
using MetaMap.Coordinator.Runs;
using MetaMap.Core;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace MetaMap.Coordinator.Http;

/// <summary><c>/api/model</c>: the current meta-model (or a stored version of it), while training goes on.</summary>
public static class ModelEndpoints
{
    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/model", (int? version, RunBoard board) => Download(board.Current, version));
        routes.MapGet("/api/model/info", (RunBoard board) => Describe(board.Current));
        routes.MapGet("/api/runs/{id}/model", (string id, int? version, RunBoard board) => Download(board.Find(new RunId(id)), version));
        routes.MapGet("/api/runs/{id}/model/info", (string id, RunBoard board) => Describe(board.Find(new RunId(id))));
    }

    /// <summary>The model as safetensors; its ETag is the version; byte ranges and If-None-Match work.</summary>
    public static Results<FileContentHttpResult, NotFound<ErrorBody>> Download(RunSnapshot? run, int? version)
    {
        if (run is null)
        {
            return NoRun();
        }

        if ((version ?? run.Model.Iteration) == run.Model.Iteration)
        {
            return Send(run.Model);
        }

        return Stored(run, version!.Value) is { } model
            ? Send(model)
            : TypedResults.NotFound(new ErrorBody(
                $"Version {version} of run {run.RunId} is not kept; the current version is {run.Model.Iteration}, and the last {RunDirectory.KeptCheckpoints} checkpoints are in {run.Directory}."));
    }

    /// <summary>What the current model is, without its parameters.</summary>
    public static Results<Ok<ModelInfoBody>, NotFound<ErrorBody>> Describe(RunSnapshot? run) => run is null
        ? NoRun()
        : TypedResults.Ok(new ModelInfoBody(
            run.RunId.Value, run.Model.Iteration, run.Options.Model!, run.State.Parameters.Layout.Length,
            run.Model.ToSafetensors().Length, run.Model.Parameters.Sha256, run.State.Parameters.Layout.Digest,
            [.. run.State.Parameters.Layout.Entries.Select(entry => entry.ToString())]));

    private static ModelFile? Stored(RunSnapshot run, int version)
    {
        try
        {
            return new RunDirectory(run.Directory).LoadVersion(version, ParameterSchema.For(run.Options, run.Shape).Layout) is { } state
                ? run.Model with { Iteration = state.Iteration, Parameters = state.Parameters } : null;
        }
        catch (DataException)
        {
            // A damaged checkpoint is as good as none.
            return null;
        }
    }

    private static FileContentHttpResult Send(ModelFile model) => TypedResults.File(
        model.ToSafetensors(), "application/octet-stream", $"{model.RunId}-{model.Iteration}.safetensors", enableRangeProcessing: true,
        entityTag: new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{model.Iteration}-{model.Parameters.Sha256[..16]}\"")));

    private static NotFound<ErrorBody> NoRun() => TypedResults.NotFound(new ErrorBody(
        "There is no such run on this coordinator, so there is no model; start one with `metamap run start`."));
}
