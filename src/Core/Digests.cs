namespace MetaMap.Core;

/// <summary>SHA-256 digests in messages for people.</summary>
public static class Digests
{
    /// <summary>The first 8 digits, enough to tell two digests apart.</summary>
    public static string Abbreviate(string digest) => digest.Length > 8 ? digest[..8] : digest;
}
