namespace MetaMap.Cli.Help;

/// <summary>Options that commands in hints need, so that they can be pasted.</summary>
internal static class Hints
{
    private const string UsualUrl = "http://127.0.0.1:8080";

    /// <summary>Of a command that asks a coordinator by HTTP.</summary>
    /// <param name="url">The coordinator's address.</param>
    /// <param name="tls">Folder of its certificate; null without TLS.</param>
    public static string Client(string url, string? tls) => (url == UsualUrl ? "" : $" --url {url}") + (tls is null ? "" : $" --ca {OwnName.Quoted(Path.Combine(tls, "ca.pem"))}");

    /// <summary>Of a node.</summary>
    /// <param name="tls">Folder of the certificate of its cluster; null without TLS.</param>
    public static string Node(string? tls) => tls is null ? "" : $" --tls {OwnName.Quoted(tls)}";
}
