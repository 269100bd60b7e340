using System.Globalization;
using System.Threading.RateLimiting;
using MetaMap.Coordinator.Http.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace MetaMap.Coordinator.Http;

/// <summary>How much of the coordinator its HTTP clients may take.</summary>
public sealed record HttpLimits
{
    /// <summary>Name of the rate limit of requests that make workers adapt to episodes: <c>RequireRateLimiting(HttpLimits.Adaptation)</c>.</summary>
    public const string Adaptation = "adaptation";

    /// <summary>Largest request body in bytes; a larger one is answered with 413. Default 1 MiB.</summary>
    public long BodyBytes { get; init; } = 1 << 20;

    /// <summary>Slowest request body, in bytes a second after the first 5 seconds; a slower one is answered with 408. Default 1024.</summary>
    public double BodyBytesPerSecond { get; init; } = 1024;

    /// <summary>Time to send the headers of a request. Default 15 s.</summary>
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Connections at the same time; more are closed. Default 1000.</summary>
    public int Connections { get; init; } = 1000;

    /// <summary>Adaptation requests of one client that may come at once; more are answered with 429. Default 20.</summary>
    public int AdaptationBurst { get; init; } = 20;

    /// <summary>Adaptation requests of one client a minute, in the long run. Default 60.</summary>
    public int AdaptationsPerMinute { get; init; } = 60;

    /// <summary>Sets the server's limits.</summary>
    public void Apply(KestrelServerLimits server)
    {
        server.MaxRequestBodySize = BodyBytes;
        server.MinRequestBodyDataRate = new MinDataRate(BodyBytesPerSecond, gracePeriod: TimeSpan.FromSeconds(5));
        server.RequestHeadersTimeout = HeadersTimeout;
        server.MaxConcurrentConnections = Connections;
    }

    /// <summary>Adds the rate limit.</summary>
    public IServiceCollection AddRateLimits(IServiceCollection services) => services.AddRateLimiter(limiter =>
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = Refuse;
        limiter.AddPolicy(Adaptation, context => RateLimitPartition.GetTokenBucketLimiter(ClientOf(context), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = AdaptationBurst,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1) / AdaptationsPerMinute,
        }));
    });

    // A client is an address with a scope: people behind one gateway do not share a limit with its readers.
    private static (string Address, string Scope) ClientOf(HttpContext context) => (
        context.Connection.RemoteIpAddress?.ToString() ?? "", context.User.FindFirst(TokenAuthentication.ScopeClaim)?.Value ?? "");

    private static ValueTask Refuse(OnRejectedContext rejected, CancellationToken cancellation)
    {
        TimeSpan wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan after) ? after : TimeSpan.FromMinutes(1);
        int seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        rejected.HttpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return new ValueTask(rejected.HttpContext.Response.WriteAsJsonAsync(
            new ErrorBody($"Too many requests that make workers adapt; try again in {seconds} s."), cancellation));
    }
}
