using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MetaMap.Shared.Security;
using MetaMap.Testing;

namespace MetaMap.Shared.Tests.Security;

/// <summary>Kinds of certificates that a stranger may show.</summary>
public enum Stranger
{
    Expired,
    NotYetValid,
    Foreign,
    SelfSigned,
    ServerOnly,
}

/// <summary>An authority that is a month old, a good node of it, and strangers.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly CertificateAuthority _authority;

    public Certificates()
    {
        Now = TimeProvider.System.GetUtcNow();
        (_authority, _) = CertificateAuthority.OpenOrCreate(Folder, Now - TimeSpan.FromDays(30));
        _authority.Issue(Folder, NodeCertificate.DefaultName, Hosts, Now, TimeSpan.FromDays(1));
        Node = NodeCertificate.Load(Folder, Now);
    }

    public static IReadOnlyList<string> Hosts { get; } = ["localhost", "127.0.0.1"];

    public DateTimeOffset Now { get; }

    public string Folder => _folder.Path;

    public NodeCertificate Node { get; }

    public X509Certificate2 Of(Stranger stranger) => Exportable(stranger switch
    {
        Stranger.Expired => _authority.Sign(Hosts, Now - TimeSpan.FromDays(3), Now - TimeSpan.FromDays(1)),
        Stranger.NotYetValid => _authority.Sign(Hosts, Now + TimeSpan.FromDays(1), Now + TimeSpan.FromDays(3)),
        Stranger.Foreign => ForeignAuthority().Sign(Hosts, Now - TimeSpan.FromDays(1), Now + TimeSpan.FromDays(1)),
        Stranger.SelfSigned => SelfMade(null),
        Stranger.ServerOnly => SelfMade(Path.Combine(Folder, "ca")),
        _ => throw new ArgumentOutOfRangeException(nameof(stranger)),
    });

    public CertificateAuthority ForeignAuthority() => CertificateAuthority.OpenOrCreate(Path.Combine(Folder, "foreign"), Now - TimeSpan.FromDays(30)).Authority;

    /// <summary>What the victim says of it.</summary>
    public static string ProblemOf(Stranger stranger) => stranger switch
    {
        Stranger.Expired => "has expired on ",
        Stranger.NotYetValid => "is not valid before ",
        Stranger.Foreign or Stranger.SelfSigned => "is not signed by the authority in ca.pem",
        _ => "is not meant for nodes, which need server and client authentication",
    };

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    /// <summary>A certificate for servers only, signed by itself or by the authority at a path without extension.</summary>
    private X509Certificate2 SelfMade(string? authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        if (authority is null)
        {
            return request.CreateSelfSigned(Now - TimeSpan.FromDays(1), Now + TimeSpan.FromDays(1));
        }

        using X509Certificate2 issuer = X509Certificate2.CreateFromPemFile($"{authority}.pem", $"{authority}.key");
        return request.Create(issuer, Now - TimeSpan.FromDays(1), Now + TimeSpan.FromDays(1), [1, 2, 3]).CopyWithPrivateKey(key);
    }

    // A key of its own that outlives what made it.
    private static X509Certificate2 Exportable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
}
