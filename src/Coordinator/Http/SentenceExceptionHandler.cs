using System.Text.Json;
using System.Text.RegularExpressions;
using Akka.Actor;
using MetaMap.Coordinator.Sessions;
using MetaMap.Coordinator.Stores;
using MetaMap.Training.Configuration;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Logging;

namespace MetaMap.Coordinator.Http;

/// <summary>Answers unhandled exceptions with one sentence, never with a stack trace.</summary>
internal sealed partial class SentenceExceptionHandler(ILogger<SentenceExceptionHandler> log) : IExceptionHandler
{
    /// <inheritdoc />
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        (int status, string sentence) = IsOfAnotherType(exception)
            ? (StatusCodes.Status415UnsupportedMediaType, Refusals.Sentence(httpContext, StatusCodes.Status415UnsupportedMediaType))
            : Explain(exception, httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType);
        if (status == StatusCodes.Status500InternalServerError)
        {
            log.LogError(exception, "{Method} {Path} failed", httpContext.Request.Method, httpContext.Request.Path.ToUriComponent());
        }

        await Problems.Write(httpContext, status, sentence).ConfigureAwait(false);
        return true;
    }

    /// <summary>Status and sentence of an exception.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="body">The type of the request's body; null when it has none.</param>
    public static (int Status, string Sentence) Explain(Exception exception, Type? body) => exception switch
    {
        BadHttpRequestException { InnerException: JsonException { Path: { } path, InnerException: FormatException format } } when format.Message.Contains("Base64", StringComparison.Ordinal) => (StatusCodes.Status400BadRequest,
            $"{path.TrimStart('$').TrimStart('.')} is no base64: give the bytes of the file as text in base64."),
        BadHttpRequestException { InnerException: JsonException json } => (StatusCodes.Status400BadRequest,
            $"The request body {RunOptionsJson.Explain(json, body is null || body == typeof(StartRunBody) ? "run options" : null)}; {Keys(body)}."),
        BadHttpRequestException bad when UnboundValue().Match(bad.Message) is { Success: true } value => (bad.StatusCode,
            $"The request cannot be read: {value.Groups["name"].Value} is '{value.Groups["value"].Value}', but it must be {(value.Groups["value"].Value is { Length: > 0 } word && word.All(char.IsAsciiDigit) ? "a smaller number" : "a whole number")}."),
        BadHttpRequestException bad when body is not null && bad.Message.Contains("no body was provided", StringComparison.Ordinal) => (bad.StatusCode,
            $"The request cannot be read: it has no body; send a JSON object, {Keys(body)}."),
        BadHttpRequestException bad => (bad.StatusCode, $"The request cannot be read: {bad.Message}"),
        SessionRefusedException session => (SessionEndpoints.StatusOf(session.Problem), session.Message),
        StoreException store => (StatusCodes.Status503ServiceUnavailable, store.Message),
        AskTimeoutException => (StatusCodes.Status503ServiceUnavailable, "The run did not answer in time; look at its state and try again."),
        _ => (StatusCodes.Status500InternalServerError, $"The coordinator failed with {exception.GetType().Name}; its log says more."),
    };

    /// <summary>A body that is no JSON by its content type, or has a charset that is not known.</summary>
    private static bool IsOfAnotherType(Exception exception) => exception is BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType }
        || exception is InvalidOperationException && exception.Message.Contains("charset", StringComparison.Ordinal);

    private static string Keys(Type? body)
    {
        string[] keys = [.. (body ?? typeof(StartRunBody)).GetProperties().Select(property => $"'{RunOptionsJson.Conventions.PropertyNamingPolicy!.ConvertName(property.Name)}'")];
        return $"its keys are {string.Join(", ", keys[..^1])} and {keys[^1]}"
            + (body == typeof(StartRunBody) ? ", and those of options are the keys of config.json in any run directory" : "");
    }

    [GeneratedRegex(@"^Failed to bind parameter ""\S+ (?<name>\w+)"" from ""(?<value>.*)""\.$", RegexOptions.Singleline)]
    private static partial Regex UnboundValue();
}
