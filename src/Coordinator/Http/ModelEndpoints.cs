using System.Globalization;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Data;
using MetaMap.Training.Checkpoints;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace MetaMap.Coordinator.Http;

/// <summary><c>/api/model</c>: the current meta-model (or a stored version of it), while training goes on.</summary>
internal static class ModelEndpoints
{
    private static readonly string[] _reading = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/api/model", _reading, async (int? version, RunCatalog catalog) => await Download(await catalog.Current().ConfigureAwait(false), version, catalog).ConfigureAwait(false));
        routes.MapGet("/api/model/info", async (int? version, RunCatalog catalog) => await Describe(await catalog.Current().ConfigureAwait(false), version, catalog).ConfigureAwait(false));
        routes.MapMethods("/api/runs/{id}/model", _reading, async (string id, int? version, RunCatalog catalog) => await Download(await catalog.Find(id).ConfigureAwait(false), version, catalog).ConfigureAwait(false));
        routes.MapGet("/api/runs/{id}/model/info", async (string id, int? version, RunCatalog catalog) => await Describe(await catalog.Find(id).ConfigureAwait(false), version, catalog).ConfigureAwait(false));
    }

    /// <summary>The model as safetensors; its ETag is the version and the beginning of its hash; byte ranges and If-None-Match work.</summary>
    public static async Task<Results<FileStreamHttpResult, NotFound<ErrorBody>>> Download(CatalogRun? run, int? version, RunCatalog catalog) =>
        await Find(run, version, catalog).ConfigureAwait(false) is { } model ? Send(model) : Missing(run, version);

    /// <summary>A description of the model, without its parameters.</summary>
    public static async Task<Results<Ok<ModelInfoBody>, NotFound<ErrorBody>>> Describe(CatalogRun? run, int? version, RunCatalog catalog) =>
        await Find(run, version, catalog).ConfigureAwait(false) is not { } model
            ? Missing(run, version)
            : TypedResults.Ok(new ModelInfoBody(
                model.RunId, model.Iteration, model.Options.Model!, model.Parameters.Layout.Length,
                (int)model.OpenSafetensors().Length, model.Parameters.Sha256, model.Parameters.Layout.Digest,
                [.. model.Parameters.Layout.Entries.Select(entry => entry.ToString())]) { Examples = ExamplesFor(model) });

    private static string? ExamplesFor(ModelFile model) => model.Options.DatasetDefinition.ExampleReader(model.Options.Of<DatasetOptions>(), model.Shape.Input)?.Kind.ToString().ToLowerInvariant();

    private static async Task<ModelFile?> Find(CatalogRun? run, int? version, RunCatalog catalog) =>
        run is null ? null : await catalog.Model(run, version).ConfigureAwait(false);

    private static FileStreamHttpResult Send(ModelFile model) => TypedResults.Stream(
        model.OpenSafetensors(), "application/octet-stream", $"{model.RunId}-{model.Iteration}.safetensors", enableRangeProcessing: true,
        entityTag: new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{model.Iteration}-{model.Parameters.Sha256[..16]}\"")));

    private static NotFound<ErrorBody> Missing(CatalogRun? run, int? version) => TypedResults.NotFound(new ErrorBody((run, version) switch
    {
        (null, _) => "There is no such run, or none yet, on this coordinator, so there is no model; start one with `metamap run start`.",
        (_, null) => "The run has no model that can be read; look at its problem with `metamap status`.",
        _ => $"Version {version} of run {RunBody.From(run).RunId} is not kept; the current version is {RunBody.From(run).Iteration}, and the last {RunDirectory.KeptCheckpoints} committed states are in {RunBody.From(run).Directory}.",
    }));
}
