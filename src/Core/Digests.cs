using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MetaMap.Core;

/// <summary>SHA-256 digests in messages for people.</summary>
public static class Digests
{
    /// <summary>The SHA-256 (hex, lower case) of a list of names.</summary>
    public static string OfNames(IEnumerable<string> names) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(names.Select(name => string.Create(CultureInfo.InvariantCulture, $"{name.Length} {name}\n"))))));

    /// <summary>The first 8 digits, enough to tell two digests apart.</summary>
    public static string Abbreviate(string digest) => digest.Length > 8 ? digest[..8] : digest;
}
