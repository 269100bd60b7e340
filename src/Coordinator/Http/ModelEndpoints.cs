using System.ComponentModel;
using System.Globalization;
using MetaMap.Coordinator.Runs.Board;
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
    private const string Tag = "models";
    private const string VersionHelp = "A version that is kept, as its iteration; default: the current one.";
    private const string FileType = "application/octet-stream";

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        AsFile(routes.MapGet("/api/model", async ([Description(VersionHelp)] int? version, RunCatalog catalog) => await Download(await catalog.Current().ConfigureAwait(false), version, catalog).ConfigureAwait(false)))
            .WithName("DownloadCurrentModel").WithSummary("The model of the run that was started last, as safetensors.");
        routes.MapGet("/api/model/info", async ([Description(VersionHelp)] int? version, RunCatalog catalog) => await Describe(await catalog.Current().ConfigureAwait(false), version, catalog).ConfigureAwait(false))
            .WithName("DescribeCurrentModel").WithTags(Tag).WithSummary("A description of the model of the run that was started last.");
        AsFile(routes.MapGet("/api/runs/{id}/model", async (string id, [Description(VersionHelp)] int? version, RunCatalog catalog) => await Download(await catalog.Find(id).ConfigureAwait(false), version, catalog).ConfigureAwait(false)))
            .WithName("DownloadModel").WithSummary("The current model of a run, or a kept version of it, as safetensors.");
        routes.MapGet("/api/runs/{id}/model/info", async (string id, [Description(VersionHelp)] int? version, RunCatalog catalog) => await Describe(await catalog.Find(id).ConfigureAwait(false), version, catalog).ConfigureAwait(false))
            .WithName("DescribeModel").WithTags(Tag).WithSummary("A description of the current model of a run, or of a kept version of it.");
    }

    /// <summary>The model as safetensors; its ETag is the version and the beginning of its hash; byte ranges and If-None-Match work.</summary>
    public static async Task<Results<FileStreamHttpResult, NotFound<ErrorBody>>> Download(CatalogRun? run, int? version, RunCatalog catalog) =>
        await Find(run, version, catalog).ConfigureAwait(false) is { } model ? Send(model) : await Missing(run, version, catalog).ConfigureAwait(false);

    /// <summary>A description of the model, without its parameters.</summary>
    public static async Task<Results<Ok<ModelInfoBody>, NotFound<ErrorBody>>> Describe(CatalogRun? run, int? version, RunCatalog catalog) =>
        await Find(run, version, catalog).ConfigureAwait(false) is not { } model
            ? await Missing(run, version, catalog).ConfigureAwait(false)
            : TypedResults.Ok(ModelInfoBody.Of(model) with { Versions = await catalog.Versions(run!).ConfigureAwait(false) });

    private static RouteHandlerBuilder AsFile(RouteHandlerBuilder route) => route.WithTags(Tag)
        .Produces<Stream>(StatusCodes.Status200OK, FileType).Produces<Stream>(StatusCodes.Status206PartialContent, FileType).Produces(StatusCodes.Status304NotModified);

    private static async Task<ModelFile?> Find(CatalogRun? run, int? version, RunCatalog catalog) =>
        run is null ? null : await catalog.Model(run, version).ConfigureAwait(false);

    private static FileStreamHttpResult Send(ModelFile model) => TypedResults.Stream(
        model.OpenSafetensors(), FileType, $"{model.RunId}-{model.Iteration}.safetensors", enableRangeProcessing: true,
        entityTag: new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{model.Iteration}-{model.Parameters.Sha256[..16]}\"")));

    private static async Task<NotFound<ErrorBody>> Missing(CatalogRun? run, int? version, RunCatalog catalog) => TypedResults.NotFound(new ErrorBody((run, version) switch
    {
        (null, _) => "There is no such run, or none yet, on this coordinator, so there is no model; start one with `metamap run start`.",
        (_, null) => "The run has no model that can be read; look at its problem with `metamap status`.",
        ({ } known, { } wanted) => await catalog.ExplainMissing(known, wanted).ConfigureAwait(false),
    }));
}
