using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MetaMap.Core.Files;
using MetaMap.Core;

namespace MetaMap.Shared.Security;

/// <summary>
/// A node's certificate with its key, and the authorities whose certificates it accepts from other nodes: the files
/// <c>node.pem</c>, <c>node.key</c> and <c>ca.pem</c> of one folder. No other authority counts, not even the machine's own.
/// </summary>
public sealed class NodeCertificate
{
    /// <summary>File of the authority's certificate (or of several, one after the other).</summary>
    public const string AuthorityFile = "ca.pem";

    /// <summary>Name of a node's files, without extension.</summary>
    public const string DefaultName = "node";

    /// <summary>A node is server and client at once, and its certificate must allow both.</summary>
    internal static readonly Oid[] Usages = [new("1.3.6.1.5.5.7.3.1", "server authentication"), new("1.3.6.1.5.5.7.3.2", "client authentication")];

    private NodeCertificate(X509Certificate2 certificate, X509Certificate2Collection authorities)
    {
        Certificate = certificate;
        Authorities = authorities;
    }

    /// <summary>The node's own certificate, with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The authorities of <c>ca.pem</c>.</summary>
    public X509Certificate2Collection Authorities { get; }

    /// <summary>Reads and checks the files of a folder.</summary>
    /// <param name="folder">Holds <c>ca.pem</c>, <c>node.pem</c> and <c>node.key</c>.</param>
    /// <param name="now">The time at which the certificate must be valid.</param>
    /// <exception cref="ConfigurationException">A file is missing or unreadable, or the certificate is expired, not yet valid, or of another authority.</exception>
    public static NodeCertificate Load(string folder, DateTimeOffset now)
    {
        X509Certificate2Collection authorities = ReadAuthorities(Existing(folder, AuthorityFile));
        string file = Existing(folder, $"{DefaultName}.pem");
        X509Certificate2 certificate;
        try
        {
            certificate = Usable(X509Certificate2.CreateFromPemFile(file, Existing(folder, $"{DefaultName}.key")));
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{file} and {DefaultName}.key cannot be used as a certificate with its private key: {error.Message.TrimEnd('.')}; make new ones with `metamap certs --out {folder}`.", error);
        }

        NodeCertificate node = new(certificate, authorities);
        return node.Problem(certificate, now) is { } problem
            ? throw new ConfigurationException($"{file} {problem}; make a new one with `metamap certs --out {folder}` where the authority's key is.")
            : node;
    }

    /// <summary>Reads the authorities of a PEM file.</summary>
    /// <exception cref="ConfigurationException">It is missing, unreadable or empty.</exception>
    public static X509Certificate2Collection ReadAuthorities(string file)
    {
        X509Certificate2Collection authorities = [];
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{file} cannot be read as the certificate of an authority: {PathProblem.Reading(file, error).TrimEnd('.')}.", error);
        }

        return authorities.Count > 0 ? authorities
            : throw new ConfigurationException($"{file} holds no certificate; it must be the PEM file of an authority, as `metamap certs` makes it.");
    }

    /// <summary>Why another node with this certificate is not accepted, as the end of a sentence that begins with its name; else null.</summary>
    /// <param name="certificate">What the other node presents.</param>
    /// <param name="now">The time.</param>
    public string? Problem(X509Certificate2? certificate, DateTimeOffset now)
    {
        if (certificate is null)
        {
            return "is missing";
        }

        using X509Chain chain = new() { ChainPolicy = Policy(Authorities, now) };
        foreach (Oid usage in Usages)
        {
            chain.ChainPolicy.ApplicationPolicy.Add(usage);
        }

        if (chain.Build(certificate))
        {
            return null;
        }

        X509ChainStatusFlags flags = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
        return now > certificate.NotAfter ? $"has expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC"
            : now < certificate.NotBefore ? $"is not valid before {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} UTC; compare the clocks"
            : (flags & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid)) != 0
                ? $"is not signed by the authority in {AuthorityFile}"
            : flags.HasFlag(X509ChainStatusFlags.NotValidForUsage) ? "is not meant for nodes, which need server and client authentication"
            : flags.HasFlag(X509ChainStatusFlags.NotTimeValid) ? "is signed by an authority that is not valid now"
            : $"is refused ({flags})";
    }

    /// <summary>How this node shows who it is to another one, and whom it accepts there. Host names are not checked: workers come from any address.</summary>
    /// <param name="time">Clock.</param>
    internal SslClientAuthenticationOptions AsClient(TimeProvider time) => new()
    {
        TargetHost = DefaultName,
        ClientCertificates = [Certificate],
        RemoteCertificateValidationCallback = (_, other, _, _) => Problem(other as X509Certificate2, time.GetUtcNow()) is null,
    };

    /// <summary>Trusts these authorities alone; nothing is downloaded.</summary>
    /// <param name="authorities">The only roots.</param>
    /// <param name="now">The time, or null for the time of each check.</param>
    public static X509ChainPolicy Policy(X509Certificate2Collection authorities, DateTimeOffset? now = null)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        if (now is { } time)
        {
            policy.VerificationTime = time.UtcDateTime;
        }

        return policy;
    }

    // For TLS, Windows cannot use a key that exists only in memory.
    private static X509Certificate2 Usable(X509Certificate2 certificate) => OperatingSystem.IsWindows()
        ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null) : certificate;

    private static string Existing(string folder, string name)
    {
        string file = Path.Combine(folder, name);
        return File.Exists(file) ? file
            : throw new ConfigurationException($"There is no {file}, but --tls needs a folder with {AuthorityFile}, {DefaultName}.pem and {DefaultName}.key; make them with `metamap certs --out {folder}`.");
    }
}
