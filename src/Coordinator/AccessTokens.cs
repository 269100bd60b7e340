using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using MetaMap.Core.Files;
using MetaMap.Core;

namespace MetaMap.Coordinator;

/// <summary>What the holder of a token may do.</summary>
internal enum AccessScope
{
    /// <summary>Look at runs, models and workers.</summary>
    Read,

    /// <summary>Start, change and end runs, and all that <see cref="Read"/> allows.</summary>
    Write,
}

/// <summary>
/// The bearer tokens that HTTP accepts, as SHA-256 digests: the tokens themselves are not kept once they are read, and
/// digests of equal length are compared in constant time.
/// </summary>
public sealed class AccessTokens
{
    /// <summary>Fewest characters of a token, so that it cannot be guessed.</summary>
    public const int MinimumLength = 16;

    private readonly ImmutableArray<(byte[] Digest, AccessScope Scope)> _tokens;

    private AccessTokens(ImmutableArray<(byte[] Digest, AccessScope Scope)> tokens) => _tokens = tokens;

    /// <summary>Reads a file of tokens.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read, or a line is not a token.</exception>
    public static AccessTokens ReadFile(string file)
    {
        try
        {
            return Parse(File.ReadLines(file), file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The tokens file cannot be read: {PathProblem.Reading(file, error)}", error);
        }
    }

    /// <summary>Reads lines <c>read TOKEN</c> and <c>write TOKEN</c>; empty lines and those that begin with # are comments.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="source">Their file, for messages; messages never contain tokens.</param>
    /// <exception cref="ConfigurationException">A line is not a token, or there is no token.</exception>
    public static AccessTokens Parse(IEnumerable<string> lines, string source)
    {
        ImmutableArray<(byte[] Digest, AccessScope Scope)> tokens =
        [
            .. lines.Select((line, index) => (Words: line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), Number: index + 1))
                .Where(line => line.Words.Length > 0 && line.Words[0][0] != '#')
                .Select(line => (DigestOf(TokenIn(line.Words, line.Number, source)), line.Words[0] == "write" ? AccessScope.Write : AccessScope.Read)),
        ];
        return tokens.Length > 0 ? new AccessTokens(tokens)
            : throw new ConfigurationException($"{source} holds no token; write lines of the form 'read TOKEN' or 'write TOKEN'.");
    }

    /// <summary>What the holder of a token may do; null when the token is unknown. Takes equally long for every token.</summary>
    internal AccessScope? Find(string token)
    {
        byte[] digest = DigestOf(token);
        AccessScope? found = null;
        foreach ((byte[] known, AccessScope scope) in _tokens)
        {
            if (CryptographicOperations.FixedTimeEquals(known, digest) && found != AccessScope.Write)
            {
                found = scope;
            }
        }

        return found;
    }

    /// <summary>A warning when other users of this machine can read the file; else null.</summary>
    public static string? Exposure(string file) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0
            ? $"{file} can be read by other users of this machine; take that away with: chmod 600 {file}" : null;

    private static string TokenIn(string[] words, int number, string source) =>
        words.Length == 2 && words[0] is "read" or "write" && words[1].Length >= MinimumLength && words[1].All(char.IsAscii) ? words[1]
            : throw new ConfigurationException($"Line {number} of {source} is not 'read TOKEN' or 'write TOKEN' with a token of at least {MinimumLength} ASCII characters.");

    private static byte[] DigestOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
