using System.Security.Cryptography.X509Certificates;
using MetaMap.Core;
using MetaMap.Shared.Security;

namespace MetaMap.Shared.Tests.Security;

public sealed class NodeCertificateTests : IDisposable
{
    private readonly Certificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public void Problem_CertificateOfTheAuthority_IsNull() =>
        Assert.Null(_certificates.Node.Problem(_certificates.Node.Certificate, _certificates.Now));

    [Fact]
    public void Problem_NoCertificate_IsMissing() => Assert.Equal("is missing", _certificates.Node.Problem(null, _certificates.Now));

    [Theory]
    [InlineData(Stranger.Expired)]
    [InlineData(Stranger.NotYetValid)]
    [InlineData(Stranger.Foreign)]
    [InlineData(Stranger.SelfSigned)]
    [InlineData(Stranger.ServerOnly)]
    public void Problem_Stranger_SaysWhatIsWrong(Stranger stranger) => Assert.StartsWith(
        Certificates.ProblemOf(stranger), _certificates.Node.Problem(_certificates.Of(stranger), _certificates.Now), StringComparison.Ordinal);

    [Fact]
    public void Problem_TheTimePasses_Expires()
    {
        Assert.Null(_certificates.Node.Problem(_certificates.Node.Certificate, _certificates.Now + TimeSpan.FromHours(23)));
        Assert.StartsWith("has expired", _certificates.Node.Problem(_certificates.Node.Certificate, _certificates.Now + TimeSpan.FromHours(25)), StringComparison.Ordinal);
    }

    [Fact]
    public void Problem_SecondAuthorityInTheFile_IsAcceptedToo()
    {
        using CertificateAuthority foreign = _certificates.ForeignAuthority();
        File.AppendAllText(Path.Combine(_certificates.Folder, "ca.pem"), File.ReadAllText(Path.Combine(_certificates.Folder, "foreign", "ca.pem")));
        var both = NodeCertificate.Load(_certificates.Folder, _certificates.Now);
        Assert.Null(both.Problem(_certificates.Of(Stranger.Foreign), _certificates.Now));
        Assert.Null(both.Problem(_certificates.Node.Certificate, _certificates.Now));
        Assert.NotNull(both.Problem(_certificates.Of(Stranger.SelfSigned), _certificates.Now));
    }

    [Theory]
    [InlineData(Stranger.Expired)]
    [InlineData(Stranger.Foreign)]
    [InlineData(Stranger.SelfSigned)]
    public void Load_OwnCertificateThatOthersWouldRefuse_IsRefused(Stranger stranger)
    {
        using X509Certificate2 certificate = _certificates.Of(stranger);
        PemFiles.Write(InFolder("node.pem"), certificate);
        PemFiles.WriteKey(InFolder("node.key"), certificate, mayReplace: true);
        AssertRefused("node.pem " + Certificates.ProblemOf(stranger));
    }

    [Theory]
    [InlineData("ca.pem")]
    [InlineData("node.pem")]
    [InlineData("node.key")]
    public void Load_FileIsMissing_SaysWhich(string file)
    {
        File.Delete(InFolder(file));
        AssertRefused($"{file}, but --tls needs a folder with ca.pem, node.pem and node.key");
    }

    [Theory]
    [InlineData("node.pem", "cannot be used as a certificate with its private key")]
    [InlineData("node.key", "cannot be used as a certificate with its private key")]
    [InlineData("ca.pem", "holds no certificate")]
    public void Load_FileIsDamaged_SaysWhich(string file, string reason)
    {
        File.WriteAllText(InFolder(file), "damaged");
        AssertRefused(reason);
    }

    [Fact]
    public void Load_KeyOfAnotherCertificate_IsRefused()
    {
        File.Copy(InFolder("ca.key"), InFolder("node.key"), overwrite: true);
        AssertRefused("cannot be used as a certificate with its private key");
    }

    private string InFolder(string file) => Path.Combine(_certificates.Folder, file);

    private void AssertRefused(string reason)
    {
        string message = Assert.Throws<ConfigurationException>(() => NodeCertificate.Load(_certificates.Folder, _certificates.Now)).Message;
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
