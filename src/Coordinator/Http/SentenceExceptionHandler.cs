using System.Text.Json;
using Akka.Actor;
using MetaMap.Coordinator.Stores;
using MetaMap.Training.Configuration;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MetaMap.Coordinator.Http;

/// <summary>Answers unhandled exceptions with one sentence as <see cref="ErrorBody"/>, never with a stack trace.</summary>
internal sealed class SentenceExceptionHandler(ILogger<SentenceExceptionHandler> log) : IExceptionHandler
{
    /// <inheritdoc />
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        (int status, string sentence) = Explain(exception);
        if (status == StatusCodes.Status500InternalServerError)
        {
            log.LogError(exception, "{Method} {Path} failed", httpContext.Request.Method, httpContext.Request.Path);
        }

        httpContext.Response.StatusCode = status;
        await httpContext.Response.WriteAsJsonAsync(new ErrorBody(sentence), cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Status and sentence of an exception.</summary>
    public static (int Status, string Sentence) Explain(Exception exception) => exception switch
    {
        BadHttpRequestException { InnerException: JsonException json } => (StatusCodes.Status400BadRequest,
            $"The request body {RunOptionsJson.Explain(json)}; its keys are 'name' and 'options', and those of options are the keys of config.json in any run directory."),
        BadHttpRequestException bad => (bad.StatusCode, $"The request cannot be read: {bad.Message}"),
        StoreException store => (StatusCodes.Status503ServiceUnavailable, store.Message),
        AskTimeoutException => (StatusCodes.Status503ServiceUnavailable, "The run did not answer in time; look at its state and try again."),
        _ => (StatusCodes.Status500InternalServerError, $"The coordinator failed with {exception.GetType().Name}; its log says more."),
    };
}
