using System.Globalization;
using System.Reflection;
using System.Threading.RateLimiting;
using MetaMap.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MetaMap.Coordinator.Http;

/// <summary>Of a route that answers some requests without new work: those do not count.</summary>
/// <param name="Has">Whether the answer to a request is known, or being made for somebody else.</param>
internal sealed record KnownAnswers(Func<HttpContext, bool> Has);

/// <summary>
/// Limits on what HTTP clients may use. The server's own limits can be set as in any ASP.NET program, in the section
/// <c>Kestrel:Limits</c> of the configuration, for instance by <c>Kestrel__Limits__MaxRequestBodySize</c> in the environment.
/// </summary>
internal static class RequestLimits
{
    /// <summary>Name of the rate limit of requests that make workers adapt to episodes: <c>RequireRateLimiting(RequestLimits.Adaptation)</c>.</summary>
    public const string Adaptation = "adaptation";

    /// <summary>Adaptation requests that one client may send at once; more are answered with 429.</summary>
    public const int AdaptationBurst = 20;

    private const string Section = "Kestrel:Limits";

    // No client is called so: addresses are never empty where there is a scope.
    private static readonly (string Address, string Scope) _unlimited = ("", "whose answer is known");

    /// <summary>Adds the limits.</summary>
    /// <param name="services">The services.</param>
    /// <param name="adaptationsPerMinute">Adaptation requests per minute and client, in the long run.</param>
    public static IServiceCollection AddRequestLimits(this IServiceCollection services, int adaptationsPerMinute)
    {
        services.AddOptions<KestrelServerOptions>().Configure<IConfiguration>((kestrel, configuration) => SetLimits(kestrel.Limits, configuration.GetSection(Section)));
        return services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = Refuse;
            limiter.AddPolicy(Adaptation, context => IsKnown(context) ? RateLimitPartition.GetNoLimiter(_unlimited) : RateLimitPartition.GetTokenBucketLimiter(ClientOf(context), _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = AdaptationBurst,
                TokensPerPeriod = 1,
                ReplenishmentPeriod = TimeSpan.FromMinutes(1) / adaptationsPerMinute,
            }));
        });
    }

    private static void SetLimits(KestrelServerLimits server, IConfigurationSection section)
    {
        server.MaxRequestBodySize = 1 << 20;
        server.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(5));
        server.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        server.MaxConcurrentConnections = 1000;
        // A model of the README's size in one go; of larger ones 1 MiB for each client.
        server.MaxResponseBufferSize = 1 << 20;
        try
        {
            section.Bind(server);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or TargetInvocationException)
        {
            throw new ConfigurationException($"The setting {Section} of HTTP cannot be used: {(error as InvalidOperationException ?? error.GetBaseException()).Message.ReplaceLineEndings(" ")}", error);
        }
    }

    private static bool IsKnown(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<KnownAnswers>()?.Has(context) == true;

    // A client is an address with a scope: behind one gateway, writers do not share a limit with readers.
    private static (string Address, string Scope) ClientOf(HttpContext context) => (
        context.Connection.RemoteIpAddress?.ToString() ?? "", context.User.FindFirst(TokenAuthentication.ScopeClaim)?.Value ?? "");

    private static ValueTask Refuse(OnRejectedContext rejected, CancellationToken cancellation)
    {
        TimeSpan wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan after) ? after : TimeSpan.FromMinutes(1);
        int seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        rejected.HttpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return new ValueTask(Problems.Write(
            rejected.HttpContext, StatusCodes.Status429TooManyRequests, $"Too many requests that make workers adapt; try again in {seconds} s."));
    }
}
