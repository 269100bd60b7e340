using System.Text.Json;
using MetaMap.Shared.Security;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests.Security;

public sealed class CertsTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    private string Folder => Path.Combine(_folder.Path, "certs");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Certs_TwoNodes_OneAuthorityAndItsKeyIsKept()
    {
        MetamapCommand first = await MetamapCommand.Run("certs", "--out", Folder);
        Assert.Equal((0, ""), (first.ExitCode, first.Errors));
        Assert.Contains("new authority ", first.Output, StringComparison.Ordinal);
        Assert.Contains($"metamap coordinator --tls {Folder}; then metamap status --url https://127.0.0.1:8080 --ca {Folder}/ca.pem\n", first.Output, StringComparison.Ordinal);
        string key = await File.ReadAllTextAsync(Path.Combine(Folder, "ca.key"));

        MetamapCommand second = await MetamapCommand.Run("certs", "--out", Folder, "--name", "worker-2", "--host", "10.0.0.5", "--host", "w2", "--days", "30", "--json");
        Assert.Equal((0, ""), (second.ExitCode, second.Errors));
        JsonElement made = JsonDocument.Parse(second.Output).RootElement;
        Assert.Equal("certificate", made.GetProperty("event").GetString());
        Assert.False(made.GetProperty("authority_is_new").GetBoolean());
        Assert.Equal(["10.0.0.5", "w2", "localhost", "127.0.0.1", "::1"], made.GetProperty("hosts").EnumerateArray().Select(host => host.GetString()));
        Assert.InRange(made.GetProperty("not_after").GetDateTime() - TimeProvider.System.GetUtcNow().UtcDateTime, TimeSpan.FromDays(29.9), TimeSpan.FromDays(30));
        Assert.Equal(key, await File.ReadAllTextAsync(Path.Combine(Folder, "ca.key")));
        Assert.True(File.Exists(Path.Combine(Folder, "worker-2.key")));
        Assert.NotNull(NodeCertificate.Load(Folder, TimeProvider.System.GetUtcNow()));
    }

    [Theory]
    [InlineData("--host is 'a b'", "--host", "a b")]
    [InlineData("--host is '127.0.0.1:80'", "--host", "127.0.0.1:80")]
    [InlineData("--name is 'ca'", "--name", "ca")]
    [InlineData("--name is '../x'", "--name", "../x")]
    [InlineData("--days is 0, but it must be 1 to 3650.", "--days", "0")]
    [InlineData("--days is 9999", "--days", "9999")]
    public async Task Certs_WrongOption_Is2AndNothingIsWritten(string reason, params string[] options)
    {
        await MetamapCommand.AssertRefused(2, reason, ["certs", "--out", Folder, .. options]);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task Certs_FolderThatIsNone_Is2()
    {
        await File.WriteAllTextAsync(_folder["file"], "");
        await MetamapCommand.AssertRefused(2, $"{_folder["file"]} is a file, but a folder is wanted", "certs", "--out", _folder["file"]);
    }

    [Fact]
    public async Task Certs_AuthorityWithoutItsKey_Is2()
    {
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(Path.Combine(Folder, "ca.pem"), "x");
        await MetamapCommand.AssertRefused(2, "ca.key is not, so no certificate can be signed", "certs", "--out", Folder);
    }
}
