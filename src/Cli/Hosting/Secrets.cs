using System.Data.Common;
using System.Text.RegularExpressions;

namespace MetaMap.Cli.Hosting;

/// <summary>Passwords in what people give as options, such as a connection string: never shown.</summary>
internal static partial class Secrets
{
    private const string Mask = "***";

    /// <summary>The text with its passwords masked; all of it is, where it seems to hold one but cannot be read.</summary>
    public static string Masked(string text)
    {
        if (!IsSuspect(text))
        {
            return text;
        }

        try
        {
            DbConnectionStringBuilder connection = new() { ConnectionString = text };
            foreach (string key in connection.Keys.Cast<string>().Where(key => IsSuspect($"{key}=")).ToArray())
            {
                connection[key] = Mask;
            }

            return connection.ConnectionString;
        }
        catch (ArgumentException)
        {
            return Mask;
        }
    }

    /// <summary>Whether a text gives a password, or is an address that holds one: <c>scheme://user:password@host</c>.</summary>
    public static bool IsSuspect(string text) => Assignment().IsMatch(text) || (Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.UserInfo.Contains(':', StringComparison.Ordinal));

    // As Npgsql calls them: Password, Passfile, SSL Password, PSW, PWD.
    [GeneratedRegex(@"(pass\w*|psw|pwd)\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex Assignment();
}
