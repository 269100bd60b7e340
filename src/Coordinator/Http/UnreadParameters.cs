using System.Collections.Immutable;
using System.Reflection;
using MetaMap.Training.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace MetaMap.Coordinator.Http;

/// <summary>Refuses parameters of the query that a route of the API does not read, instead of ignoring them.</summary>
internal static class UnreadParameters
{
    /// <summary>The endpoint filter.</summary>
    public static EndpointFilterDelegate Refuse(EndpointFilterFactoryContext route, EndpointFilterDelegate next)
    {
        ImmutableArray<string> simple = [.. route.MethodInfo.GetParameters().Where(IsSimple).Select(parameter => parameter.Name!)];
        return async invocation => Problem(invocation.HttpContext, simple) is { } problem ? TypedResults.BadRequest(new ErrorBody(problem)) : await next(invocation).ConfigureAwait(false);
    }

    private static string? Problem(HttpContext context, ImmutableArray<string> simple)
    {
        HttpRequest request = context.Request;
        string[] read = [.. simple.Where(name => !request.RouteValues.ContainsKey(name))];
        if (!request.Path.StartsWithSegments("/api") || request.Query.Keys.FirstOrDefault(key => !read.Contains(key, StringComparer.OrdinalIgnoreCase)) is not { } unread)
        {
            return null;
        }

        string advice = KeysOfBody(context).Contains(unread, StringComparer.OrdinalIgnoreCase) ? "it belongs in the body"
            : read.Length == 0 ? "leave it out" : $"what it reads there is {string.Join(" and ", read)}";
        return $"{request.Method} {request.Path} does not read '{unread}' in the query: {advice}.";
    }

    private static IEnumerable<string> KeysOfBody(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType?.GetProperties().Select(property => RunOptionsJson.Conventions.PropertyNamingPolicy!.ConvertName(property.Name)) ?? [];

    // What ASP.NET reads from the route or the query.
    private static bool IsSimple(ParameterInfo parameter)
    {
        Type type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return (type.IsPrimitive || type == typeof(string)) && parameter.GetCustomAttribute<FromHeaderAttribute>() is null;
    }
}
