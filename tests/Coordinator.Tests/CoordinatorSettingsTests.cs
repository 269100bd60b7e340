using MetaMap.Core;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Security;
using MetaMap.Testing;

namespace MetaMap.Coordinator.Tests;

public sealed class CoordinatorSettingsTests
{
    private static readonly CoordinatorSettings _local = new() { Node = new NodeSettings { Roles = [NodeSettings.CoordinatorRole] } };
    private static readonly AccessTokens _tokens = AccessTokens.Parse(["read aaaaaaaaaaaaaaaa"], "tokens");

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2")]
    [InlineData("::1")]
    [InlineData("localhost")]
    public void Validate_Loopback_NeedsNothing(string host) =>
        (_local with { HttpHost = host, Node = _local.Node with { BindHost = host } }).Validate();

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.0.0.5")]
    [InlineData("coordinator")]
    [InlineData("")]
    public void Validate_BeyondLoopback_NeedsTlsAndTokensOrInsecure(string host)
    {
        CoordinatorSettings open = _local with { HttpHost = host };
        AssertRefused(open, "without TLS", "--tls DIR", "--insecure");
        AssertRefused(open with { Tokens = _tokens }, "without TLS", "--tls DIR", "--insecure");
        (open with { Node = open.Node with { IsInsecure = true } }).Validate();

        using TemporaryDirectory folder = new();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using (CertificateAuthority authority = CertificateAuthority.OpenOrCreate(folder.Path, now).Authority)
        {
            authority.Issue(folder.Path, NodeCertificate.DefaultName, ["localhost"], now, TimeSpan.FromDays(1));
        }

        CoordinatorSettings encrypted = open with { Node = open.Node with { Tls = NodeCertificate.Load(folder.Path, now) } };
        AssertRefused(encrypted, "without tokens", "--tokens FILE", "--insecure");
        (encrypted with { Tokens = _tokens }).Validate();
        (encrypted with { HttpHost = "127.0.0.1", Node = encrypted.Node with { BindHost = "10.0.0.5" } }).Validate();
    }

    [Fact]
    public void Validate_ClusterBeyondLoopback_NeedsTlsOrInsecure()
    {
        CoordinatorSettings open = _local with { Node = _local.Node with { BindHost = "10.0.0.5" } };
        AssertRefused(open, "the node would listen on 10.0.0.5 without TLS", "--tls DIR", "--insecure");
        (open with { Node = open.Node with { IsInsecure = true } }).Validate();
    }

    private static void AssertRefused(CoordinatorSettings settings, params string[] parts)
    {
        string message = Assert.Throws<ConfigurationException>(settings.Validate).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }
}
