using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MetaMap.Shared.Security;

/// <summary>Certificates and keys on disk. Files with keys are readable by their owner alone from the first byte on.</summary>
internal static class PemFiles
{
    /// <summary>Writes a certificate without its key, replacing an older one.</summary>
    public static void Write(string file, X509Certificate2 certificate) =>
        Write(file, certificate.ExportCertificatePem() + "\n", isPrivate: false, mayReplace: true);

    /// <summary>Writes the private key of a certificate.</summary>
    public static void WriteKey(string file, X509Certificate2 certificate, bool mayReplace)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        Write(file, key.ExportPkcs8PrivateKeyPem() + "\n", isPrivate: true, mayReplace);
    }

    private static void Write(string file, string text, bool isPrivate, bool mayReplace)
    {
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (isPrivate && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        string beside = file + ".new";
        File.Delete(beside);
        using (FileStream stream = new(beside, options))
        {
            stream.Write(Encoding.ASCII.GetBytes(text));
        }

        File.Move(beside, file, overwrite: mayReplace);
    }
}
