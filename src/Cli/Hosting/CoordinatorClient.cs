using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using MetaMap.Cli.Errors;
using MetaMap.Core;
using MetaMap.Shared.Security;
using MetaMap.Training.Configuration;
using Microsoft.AspNetCore.Mvc;

namespace MetaMap.Cli.Hosting;

/// <summary>Talks to a coordinator over HTTP; every failure is one sentence.</summary>
internal sealed class CoordinatorClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _url;

    /// <summary>Creates a client.</summary>
    /// <param name="url">Address of the coordinator.</param>
    /// <param name="authorities">The only authorities whose certificates are accepted; null for the machine's.</param>
    /// <param name="token">Token to send with every request; null for none.</param>
    /// <param name="timeout">Timeout of a request; default 60 s.</param>
    /// <exception cref="ConfigurationException">Not an HTTP address.</exception>
    public CoordinatorClient(string url, X509Certificate2Collection? authorities, string? token, TimeSpan? timeout = null)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            throw new ConfigurationException($"--url is '{url}', but it must be an HTTP address such as http://127.0.0.1:8080.");
        }

        _url = url;
        // Nobody else reaches this machine's loopback: a proxy of the environment would answer for itself.
        SocketsHttpHandler handler = new() { UseProxy = !address.IsLoopback };
        if (authorities is not null)
        {
            handler.SslOptions.CertificateChainPolicy = NodeCertificate.Policy(authorities);
        }

        _http = new HttpClient(handler) { BaseAddress = address, Timeout = timeout ?? TimeSpan.FromSeconds(60) };
        if (token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
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
            throw response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Conflict or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                ? new ConfigurationException(sentence) : new CommandFailedException(sentence);
        }
        catch (HttpRequestException error) when (error.InnerException is AuthenticationException certificate)
        {
            throw new ConfigurationException(
                $"The coordinator at {_url} cannot prove who it is: {certificate.Message.TrimEnd('.')}; name the authority of its certificate with --ca, and use a host name that the certificate has.", error);
        }
        catch (HttpRequestException error) when (error.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse
            && _http.BaseAddress!.Scheme == Uri.UriSchemeHttp)
        {
            throw new UnreachableException($"What answers at {_url} does not speak plain HTTP; a coordinator that was started with --tls has an address that begins with https://.", error);
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
            ProblemDetails? problem = await response.Content.ReadFromJsonAsync<ProblemDetails>(cancellation).ConfigureAwait(false);
            return problem?.Detail ?? $"The coordinator answered {(int)response.StatusCode}.";
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
