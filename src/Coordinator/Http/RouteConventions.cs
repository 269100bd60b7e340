using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace MetaMap.Coordinator.Http;

/// <summary>What every route has beside its own: it answers HEAD where it answers GET, and its description says that it refuses with problem documents.</summary>
internal static class RouteConventions
{
    /// <summary>Content type of a problem document.</summary>
    public const string ProblemType = "application/problem+json";

    /// <summary>Applies both.</summary>
    public static void Apply(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.OfType<HttpMethodMetadata>().LastOrDefault() is { } methods && methods.HttpMethods.Contains(HttpMethods.Get))
        {
            endpoint.Metadata.Add(new HttpMethodMetadata([.. methods.HttpMethods, HttpMethods.Head]));
        }

        for (int i = 0; i < endpoint.Metadata.Count; i++)
        {
            if (endpoint.Metadata[i] is IProducesResponseTypeMetadata { Type: { } type } produces && type == typeof(ErrorBody))
            {
                endpoint.Metadata[i] = new ProducesResponseTypeMetadata(produces.StatusCode, typeof(ProblemDetails), [ProblemType]);
            }
        }
    }
}
