using MetaMap.Coordinator.Http;
using MetaMap.Coordinator.Http.Access;

namespace MetaMap.Coordinator.Tests.Http.Access;

/// <summary>A coordinator that asks for tokens and takes little at once.</summary>
public sealed class GuardedCoordinatorApp : CoordinatorApp
{
    public const string ReadToken = "read-token-0123456789";
    public const string WriteToken = "write-token-0123456789";
    public const int Burst = 3;

    protected override CoordinatorSettings Adjust(CoordinatorSettings settings) => settings with
    {
        Tokens = AccessTokens.Parse([$"read {ReadToken}", $"write {WriteToken}"], "tokens"),
        HttpLimits = new HttpLimits { BodyBytes = 4096, AdaptationBurst = Burst, AdaptationsPerMinute = 1, HeadersTimeout = TimeSpan.FromSeconds(2) },
    };
}
