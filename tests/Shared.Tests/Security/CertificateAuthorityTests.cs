using System.Security.Cryptography.X509Certificates;
using MetaMap.Core;
using MetaMap.Shared.Security;
using MetaMap.Testing;

namespace MetaMap.Shared.Tests.Security;

public sealed class CertificateAuthorityTests : IDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void OpenOrCreate_SecondTime_IsTheSameAuthority()
    {
        (CertificateAuthority first, bool isNew) = CertificateAuthority.OpenOrCreate(_folder.Path, _now);
        using (first)
        {
            Assert.True(isNew);
        }

        string key = File.ReadAllText(InFolder("ca.key"));
        (CertificateAuthority second, isNew) = CertificateAuthority.OpenOrCreate(_folder.Path, _now);
        using (second)
        {
            Assert.False(isNew);
            second.Issue(_folder.Path, "node", ["localhost"], _now, TimeSpan.FromDays(1));
        }

        Assert.Equal(key, File.ReadAllText(InFolder("ca.key")));
        Assert.NotNull(NodeCertificate.Load(_folder.Path, _now));
    }

    [Fact]
    public void Issue_Files_KeysAreForTheirOwnerAloneAndCertificatesHoldNone()
    {
        Issue("node", "localhost");
        Issue("node", "localhost");
        if (!OperatingSystem.IsWindows())
        {
            UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Assert.Equal((owner, owner), (File.GetUnixFileMode(InFolder("ca.key")), File.GetUnixFileMode(InFolder("node.key"))));
        }

        Assert.DoesNotContain("PRIVATE", File.ReadAllText(InFolder("ca.pem")) + File.ReadAllText(InFolder("node.pem")), StringComparison.Ordinal);
        Assert.Equal(["ca.key", "ca.pem", "node.key", "node.pem"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Issue_Hosts_AreNamesOfTheCertificate()
    {
        Issue("node", "coordinator", "10.0.0.5", "::1");
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(InFolder("node.pem"));
        Assert.True(certificate.MatchesHostname("coordinator"));
        Assert.True(certificate.MatchesHostname("10.0.0.5"));
        Assert.True(certificate.MatchesHostname("::1"));
        Assert.False(certificate.MatchesHostname("10.0.0.6"));
    }

    [Fact]
    public void Issue_LongerThanTheAuthority_EndsWithIt()
    {
        (CertificateAuthority authority, _) = CertificateAuthority.OpenOrCreate(_folder.Path, _now);
        using (authority)
        {
            Assert.Equal(authority.NotAfter, authority.Issue(_folder.Path, "node", ["localhost"], _now, TimeSpan.FromDays(36_500)));
        }
    }

    [Theory]
    [InlineData("ca.pem", "ca.key")]
    [InlineData("ca.key", "ca.pem")]
    public void OpenOrCreate_HalfAnAuthority_IsRefusedAndNothingIsWritten(string there, string missing)
    {
        CertificateAuthority.OpenOrCreate(_folder.Path, _now).Authority.Dispose();
        File.Delete(InFolder(missing));
        string content = File.ReadAllText(InFolder(there));
        Assert.Contains(
            $"{there} is there but {InFolder(missing)} is not",
            Assert.Throws<ConfigurationException>(() => CertificateAuthority.OpenOrCreate(_folder.Path, _now)).Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(Assert.Single(Directory.GetFiles(_folder.Path))));
    }

    [Fact]
    public void OpenOrCreate_DamagedOrExpired_IsRefused()
    {
        CertificateAuthority.OpenOrCreate(_folder.Path, _now).Authority.Dispose();
        Assert.Contains("has expired on 2036-", Assert.Throws<ConfigurationException>(
            () => CertificateAuthority.OpenOrCreate(_folder.Path, _now + TimeSpan.FromDays(4000))).Message, StringComparison.Ordinal);
        File.WriteAllText(InFolder("ca.key"), "damaged");
        Assert.Contains("cannot be used as an authority", Assert.Throws<ConfigurationException>(
            () => CertificateAuthority.OpenOrCreate(_folder.Path, _now)).Message, StringComparison.Ordinal);
        Assert.Equal("damaged", File.ReadAllText(InFolder("ca.key")));
    }

    private string InFolder(string file) => Path.Combine(_folder.Path, file);

    private void Issue(string name, params string[] hosts)
    {
        using CertificateAuthority authority = CertificateAuthority.OpenOrCreate(_folder.Path, _now).Authority;
        authority.Issue(_folder.Path, name, hosts, _now, TimeSpan.FromDays(1));
    }
}
