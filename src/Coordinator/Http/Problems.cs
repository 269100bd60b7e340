using MetaMap.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace MetaMap.Coordinator.Http;

/// <summary>
/// Every refusal as a problem document (RFC 9457, <c>application/problem+json</c>) with one sentence as its <c>detail</c>: what routes
/// answer with an <see cref="ErrorBody"/>, what ASP.NET refuses with a status alone, and what throws.
/// </summary>
internal static class Problems
{
    /// <summary>A problem document.</summary>
    /// <param name="context">The request that is refused.</param>
    /// <param name="status">Status, 400 to 599.</param>
    /// <param name="sentence">What went wrong; what it repeats of the request is made printable.</param>
    public static ProblemHttpResult Of(HttpContext context, int status, string sentence)
    {
        ProblemHttpResult problem = TypedResults.Problem(sentence.Printable(), context.Request.PathBase + context.Request.Path, status);
        problem.ProblemDetails.Type ??= "about:blank";
        problem.ProblemDetails.Title ??= ReasonPhrases.GetReasonPhrase(status);
        return problem;
    }

    /// <summary>Answers with a problem document.</summary>
    public static Task Write(HttpContext context, int status, string sentence) => Of(context, status, sentence).ExecuteAsync(context);

    /// <summary>The endpoint filter that sends an <see cref="ErrorBody"/> as a problem document.</summary>
    public static async ValueTask<object?> Filter(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        object? answer = await next(context).ConfigureAwait(false);
        object? result = answer is INestedHttpResult nested ? nested.Result : answer;
        return result is IValueHttpResult<ErrorBody> { Value: { } error } and IStatusCodeHttpResult { StatusCode: { } status }
            ? Of(context.HttpContext, status, error.Error) : answer;
    }

    /// <summary>Gives a problem document to refusals that have none.</summary>
    public static void UseProblems(this IApplicationBuilder app) => app.Use(async (HttpContext context, RequestDelegate next) =>
    {
        await next(context).ConfigureAwait(false);
        HttpResponse response = context.Response;
        if (response.StatusCode >= StatusCodes.Status400BadRequest && !response.HasStarted && response.ContentLength is null or 0)
        {
            // Of a file whose range or version was not there.
            response.ContentLength = null;
            response.Headers.ContentDisposition = default;
            await Write(context, response.StatusCode, Refusals.Sentence(context)).ConfigureAwait(false);
        }
    });
}
