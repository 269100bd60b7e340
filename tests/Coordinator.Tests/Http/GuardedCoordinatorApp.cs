namespace MetaMap.Coordinator.Tests.Http;

/// <summary>A coordinator that asks for tokens and takes little at once.</summary>
public sealed class GuardedCoordinatorApp : CoordinatorApp
{
    public const string ReadToken = "read-token-0123456789";
    public const string WriteToken = "write-token-0123456789";

    protected override CoordinatorSettings Adjust(CoordinatorSettings settings) => settings with
    {
        Tokens = AccessTokens.Parse([$"read {ReadToken}", $"write {WriteToken}"], "tokens"),
        AdaptationsPerMinute = 1,
    };

    protected override IEnumerable<KeyValuePair<string, string?>> Configuration =>
        [new("Kestrel:Limits:MaxRequestBodySize", "4096"), new("Kestrel:Limits:RequestHeadersTimeout", "00:00:02")];
}
