using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MetaMap.Core.Files;
using MetaMap.Core;

namespace MetaMap.Shared.Security;

/// <summary>
/// A development authority: a key of its own that signs the certificates of nodes (ECDSA on P-256, which every TLS
/// version knows). Its files are <c>ca.pem</c>, which every node needs, and <c>ca.key</c>, which no node needs.
/// </summary>
public sealed class CertificateAuthority : IDisposable
{
    /// <summary>File of the authority's private key.</summary>
    public const string KeyFile = "ca.key";

    private static readonly TimeSpan _lifetime = TimeSpan.FromDays(3650);

    // So that machines whose clocks are slightly behind accept it at once.
    private static readonly TimeSpan _clockSkew = TimeSpan.FromMinutes(5);

    private readonly X509Certificate2 _certificate;

    private CertificateAuthority(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>When the authority's certificate expires; no certificate that it signs is valid longer.</summary>
    public DateTimeOffset NotAfter => _certificate.NotAfter;

    /// <summary>Reads the authority of a folder, or creates one if the folder has none. An existing key is never replaced.</summary>
    /// <param name="folder">Created if it does not exist.</param>
    /// <param name="now">The time.</param>
    /// <returns>The authority, and whether it is new.</returns>
    /// <exception cref="ConfigurationException">The folder is none, only one of the two files exists, the authority cannot be read, or it has expired.</exception>
    public static (CertificateAuthority Authority, bool IsNew) OpenOrCreate(string folder, DateTimeOffset now)
    {
        if (PathProblem.Folder(folder) is { } problem)
        {
            throw new ConfigurationException($"{folder} {problem}.");
        }

        string file = Path.Combine(folder, NodeCertificate.AuthorityFile);
        string key = Path.Combine(folder, KeyFile);
        if (File.Exists(file) != File.Exists(key))
        {
            (string there, string missing) = File.Exists(file) ? (file, key) : (key, file);
            throw new ConfigurationException($"{there} is there but {missing} is not, so no certificate can be signed; make certificates in the folder that holds both, or name an empty folder for a new authority.");
        }

        if (!File.Exists(file))
        {
            CertificateAuthority made = new(Create(now));
            Directory.CreateDirectory(folder);
            PemFiles.WriteKey(key, made._certificate, mayReplace: false);
            PemFiles.Write(file, made._certificate);
            return (made, true);
        }

        CertificateAuthority authority = new(Read(file, key));
        return authority.NotAfter > now ? (authority, false)
            : throw new ConfigurationException($"The authority {file} has expired on {authority.NotAfter.UtcDateTime:yyyy-MM-dd}; make a new one in an empty folder.");
    }

    /// <summary>Signs a node's certificate with a new key of its own.</summary>
    /// <param name="hosts">Host names and addresses at which others reach the node.</param>
    /// <param name="notBefore">Valid from.</param>
    /// <param name="notAfter">Valid until, at most <see cref="NotAfter"/>.</param>
    /// <returns>The certificate with its private key.</returns>
    public X509Certificate2 Sign(IReadOnlyList<string> hosts, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(Named(hosts[0]), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. NodeCertificate.Usages], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));
        SubjectAlternativeNameBuilder names = new();
        foreach (string host in hosts.Distinct())
        {
            if (IPAddress.TryParse(host, out IPAddress? address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset from = notBefore < _certificate.NotBefore ? _certificate.NotBefore : notBefore;
        using X509Certificate2 signed = request.Create(_certificate, from, notAfter < NotAfter ? notAfter : NotAfter, NewSerialNumber());
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>Signs a node's certificate and writes <c>NAME.pem</c> and <c>NAME.key</c>, replacing older ones.</summary>
    /// <param name="folder">A folder that exists.</param>
    /// <param name="name">Name of the files.</param>
    /// <param name="hosts">Host names and addresses at which others reach the node.</param>
    /// <param name="now">The time.</param>
    /// <param name="lifetime">How long it is valid.</param>
    /// <returns>The end of its validity.</returns>
    public DateTimeOffset Issue(string folder, string name, IReadOnlyList<string> hosts, DateTimeOffset now, TimeSpan lifetime)
    {
        using X509Certificate2 certificate = Sign(hosts, now - _clockSkew, now + lifetime);
        PemFiles.WriteKey(Path.Combine(folder, $"{name}.key"), certificate, mayReplace: true);
        PemFiles.Write(Path.Combine(folder, $"{name}.pem"), certificate);
        return certificate.NotAfter;
    }

    /// <inheritdoc />
    public void Dispose() => _certificate.Dispose();

    private static X509Certificate2 Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(Named("MetaMap development authority"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now - _clockSkew, now + _lifetime);
    }

    private static X509Certificate2 Read(string file, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(file, key);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{file} and {key} cannot be used as an authority: {error.Message.TrimEnd('.')}.", error);
        }
    }

    private static X500DistinguishedName Named(string commonName)
    {
        X500DistinguishedNameBuilder name = new();
        name.AddCommonName(commonName[..Math.Min(commonName.Length, 64)]);
        return name.Build();
    }

    private static byte[] NewSerialNumber()
    {
        byte[] number = RandomNumberGenerator.GetBytes(16);
        number[0] &= 0x7f;
        return number;
    }
}
