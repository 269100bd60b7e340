using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MetaMap.Coordinator.Http;

/// <summary>Sentences for requests that the server refuses with a status alone.</summary>
internal static class Refusals
{
    /// <summary>The sentence for the status of the response.</summary>
    public static string Sentence(HttpContext context) => Sentence(context, context.Response.StatusCode);

    /// <summary>The sentence for a status.</summary>
    public static string Sentence(HttpContext context, int status)
    {
        HttpRequest request = context.Request;
        return status switch
        {
            StatusCodes.Status404NotFound => $"There is nothing at {request.Path}.",
            StatusCodes.Status405MethodNotAllowed => $"{request.Path} does not understand {request.Method}.",
            StatusCodes.Status412PreconditionFailed => $"{request.Path} is at version {context.Response.Headers.ETag}, not at the one that the request is for.",
            StatusCodes.Status413PayloadTooLarge => $"The body is too large: this coordinator takes {context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize} bytes at most.",
            StatusCodes.Status415UnsupportedMediaType => $"{request.Method} {request.Path} needs a body with the content type application/json.",
            StatusCodes.Status416RangeNotSatisfiable => $"{request.Path} has {context.Response.GetTypedHeaders().ContentRange?.Length} bytes, and the range {request.Headers.Range} is not among them.",
            _ => $"{request.Method} {request.Path} is refused with status {status}.",
        };
    }
}
