using System.Collections.Immutable;
using MetaMap.Training.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MetaMap.Coordinator.Http;

/// <summary><c>/api/parts</c>: what a run can be made of here.</summary>
internal static class PartEndpoints
{
    /// <summary>Adds the route.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/parts", List).WithName("ListParts").WithTags("runs");

    /// <summary>The datasets and algorithms that options can name, those of plug-ins included.</summary>
    public static Ok<PartsBody> List(CoordinatorSettings settings) => TypedResults.Ok(new PartsBody(
        !settings.ServesOnly,
        [.. PartRegistry.Datasets.All.Select(dataset => new PartBody(dataset.Name, dataset.Summary) { NeedsData = dataset.NeedsFolder })],
        [.. PartRegistry.Algorithms.All.Select(algorithm => new PartBody(algorithm.Name, algorithm.Summary))]));
}

/// <summary>What a run can be made of.</summary>
/// <param name="StartsRuns">False where only a model file is served.</param>
/// <param name="Datasets">The datasets.</param>
/// <param name="Algorithms">The meta-algorithms.</param>
public sealed record PartsBody(bool StartsRuns, ImmutableArray<PartBody> Datasets, ImmutableArray<PartBody> Algorithms);

/// <summary>A dataset or algorithm.</summary>
/// <param name="Name">The name that options choose it by.</param>
/// <param name="Summary">One line about it.</param>
public sealed record PartBody(string Name, string Summary)
{
    /// <summary>True of a dataset whose files the coordinator and its workers must have been given (<c>--data</c>).</summary>
    public bool? NeedsData { get; init; }
}
