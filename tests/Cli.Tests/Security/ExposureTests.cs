using MetaMap.Shared.Security;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests.Security;

/// <summary>What a node refuses at its start: exit code 2 and one sentence.</summary>
public sealed class ExposureTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("the node would listen on 0.0.0.0 without TLS", "coordinator", "--no-run", "--host", "0.0.0.0", "--advertise", "x")]
    [InlineData("others reach it by; name it with --advertise", "coordinator", "--no-run", "--host", "0.0.0.0", "--insecure")]
    [InlineData("others reach it by; name it with --advertise", "worker", "--host", "0.0.0.0", "--insecure")]
    [InlineData("HTTP would listen on 0.0.0.0 without TLS", "coordinator", "--no-run", "--http-host", "0.0.0.0")]
    [InlineData("the node would listen on 10.1.2.3 without TLS", "worker", "--host", "10.1.2.3")]
    public async Task Node_BeyondLoopback_Is2AndSaysWhatToDo(string reason, params string[] arguments) =>
        await MetamapCommand.AssertRefused(2, reason, arguments);

    [Theory]
    [InlineData("coordinator", "--no-run")]
    [InlineData("worker")]
    [InlineData("train", "--iterations", "1")]
    public async Task Node_NoCertificates_Is2(params string[] arguments) => await MetamapCommand.AssertRefused(
        2, $"There is no {Path.Combine(_folder.Path, "ca.pem")}, but --tls needs a folder with ca.pem, node.pem and node.key", [.. arguments, "--tls", _folder.Path]);

    [Theory]
    [InlineData("coordinator", "--no-run")]
    [InlineData("worker")]
    public async Task Node_OwnCertificateIsExpired_Is2(params string[] arguments)
    {
        Make(TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(3));
        await MetamapCommand.AssertRefused(2, "node.pem has expired on ", [.. arguments, "--tls", _folder.Path]);
    }

    [Theory]
    [InlineData("coordinator", "--no-run")]
    [InlineData("worker")]
    public async Task Node_OwnCertificateIsOfAnotherAuthority_Is2(params string[] arguments)
    {
        Make(TimeProvider.System.GetUtcNow());
        File.Delete(Path.Combine(_folder.Path, "ca.key"));
        File.Delete(Path.Combine(_folder.Path, "ca.pem"));
        CertificateAuthority.OpenOrCreate(_folder.Path, TimeProvider.System.GetUtcNow()).Authority.Dispose();
        await MetamapCommand.AssertRefused(2, "node.pem is not signed by the authority in ca.pem", [.. arguments, "--tls", _folder.Path]);
    }

    [Theory]
    [InlineData("Line 1 of ", "admin aaaaaaaaaaaaaaaaaaaa")]
    [InlineData("holds no token", "# nothing")]
    public async Task Coordinator_BadTokens_Is2AndTheyAreNotRepeated(string reason, string content)
    {
        string file = Path.Combine(_folder.Path, "tokens");
        await File.WriteAllTextAsync(file, content);
        await MetamapCommand.AssertRefused(2, reason, "coordinator", "--no-run", "--tokens", file);
        MetamapCommand call = await MetamapCommand.RunIn(new Dictionary<string, string> { ["METAMAP_TOKENS_FILE"] = file }, "coordinator", "--no-run");
        Assert.Equal(2, call.ExitCode);
        Assert.DoesNotContain("aaaaaa", call.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Coordinator_TokensFileIsMissing_Is2() =>
        await MetamapCommand.AssertRefused(2, "The tokens file cannot be read", "coordinator", "--no-run", "--tokens", Path.Combine(_folder.Path, "none"));

    private void Make(DateTimeOffset when)
    {
        using CertificateAuthority authority = CertificateAuthority.OpenOrCreate(_folder.Path, when).Authority;
        authority.Issue(_folder.Path, NodeCertificate.DefaultName, ["localhost"], when, TimeSpan.FromDays(1));
    }
}
