using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MetaMap.Coordinator.Http;
using MetaMap.Core;
using MetaMap.Core.Configuration;

namespace MetaMap.Cli.Hosting;

/// <summary>Talks to a coordinator over HTTP; every failure is one sentence.</summary>
internal sealed class CoordinatorClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _url;

    /// <summary>Creates a client.</summary>
    /// <exception cref="ConfigurationException">Not an HTTP address.</exception>
    public CoordinatorClient(string url, TimeSpan? timeout = null)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            throw new ConfigurationException($"--url is '{url}', but it must be an HTTP address such as http://127.0.0.1:8080.");
        }

        _url = url;
        _http = new HttpClient { BaseAddress = address, Timeout = timeout ?? TimeSpan.FromSeconds(60) };
    }

    public async Task<T> Get<T>(string path, CancellationToken cancellation) =>
        await Read<T>(await Send(new HttpRequestMessage(HttpMethod.Get, path), cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);

    public async Task<T> Post<T>(string path, object? body, CancellationToken cancellation) => await Read<T>(
        await Send(new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, options: RunOptionsJson.Conventions) }, cancellation)
            .ConfigureAwait(false), cancellation).ConfigureAwait(false);

    public async Task Delete(string path, CancellationToken cancellation) =>
        (await Send(new HttpRequestMessage(HttpMethod.Delete, path), cancellation).ConfigureAwait(false)).Dispose();

    public async Task<byte[]> Download(string path, CancellationToken cancellation) => await
        (await Send(new HttpRequestMessage(HttpMethod.Get, path), cancellation).ConfigureAwait(false))
        .Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> Send(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            HttpResponseMessage response = await _http.SendAsync(request, cancellation).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            string sentence = await Explain(response, cancellation).ConfigureAwait(false);
            throw response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Conflict
                ? new ConfigurationException(sentence) : new CommandFailedException(sentence);
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new UnreachableException($"No coordinator answers at {_url}; start one with `metamap coordinator` or `metamap train`, or name another with --url.", error);
        }
    }

    private static async Task<string> Explain(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            ErrorBody? body = await response.Content.ReadFromJsonAsync<ErrorBody>(RunOptionsJson.Conventions, cancellation).ConfigureAwait(false);
            return body?.Error ?? $"The coordinator answered {(int)response.StatusCode}.";
        }
        catch (JsonException)
        {
            return $"The coordinator answered {(int)response.StatusCode} {response.ReasonPhrase}.";
        }
    }

    private async Task<T> Read<T>(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(RunOptionsJson.Conventions, cancellation).ConfigureAwait(false)
                ?? throw new CommandFailedException($"The coordinator at {_url} sent an empty answer.");
        }
        catch (JsonException error)
        {
            throw new UnreachableException($"What answers at {_url} is not a MetaMap coordinator of this version: {error.Message}", error);
        }
    }
}
