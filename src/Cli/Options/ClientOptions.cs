using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using MetaMap.Cli.Help;
using MetaMap.Cli.Hosting;
using MetaMap.Core.Files;
using MetaMap.Core;
using MetaMap.Shared.Security;

namespace MetaMap.Cli.Options;

/// <summary>
/// Options for the coordinator that a command talks to over HTTP, the authority of its certificate, and the token. A token is
/// never given on the command line, where every user of the machine could read it.
/// </summary>
internal sealed class ClientOptions
{
    private const string UrlVariable = "METAMAP_URL";
    private const string AuthorityVariable = "METAMAP_CA";
    private const string TokenVariable = "METAMAP_TOKEN";
    private const string TokenFileVariable = "METAMAP_TOKEN_FILE";

    private readonly Option<string> _url = new Option<string>("--url")
    {
        HelpName = "URL",
        Description = $"HTTP address of the coordinator; default: {UrlVariable}, else http://127.0.0.1:8080.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(UrlVariable) is { Length: > 0 } url ? url : "http://127.0.0.1:8080",
    }.Or(UrlVariable);

    private readonly Option<string?> _authority = new Option<string?>("--ca")
    {
        HelpName = "FILE",
        Description = $"File with the authority (ca.pem) that the coordinator's certificate is of; default: {AuthorityVariable}, else the machine's authorities.",
    }.Or(AuthorityVariable);

    private readonly Option<string?> _tokenFile = new Option<string?>("--token-file")
    {
        HelpName = "FILE",
        Description = $"File with the token to show; default: the token in {TokenVariable}, else the file that {TokenFileVariable} names.",
    }.Or(TokenFileVariable);

    /// <summary>Adds the options to a command.</summary>
    public ClientOptions(Command command)
    {
        command.Add(OptionGroups.Client, _url, _authority, _tokenFile);
    }

    /// <summary>All options of the set.</summary>
    public IEnumerable<Option> All => [_url, _authority, _tokenFile];

    /// <summary>Creates the client.</summary>
    /// <exception cref="ConfigurationException">The address, the authority or the token cannot be used.</exception>
    public CoordinatorClient Connect(ParseResult parsed, TimeSpan? timeout = null)
    {
        string url = parsed.GetValue(_url)!;
        if (parsed.GetValue(_authority) is not null && url.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            throw new ConfigurationException($"--ca checks the certificate of an https:// address, but {url} shows none; give the coordinator's https:// address with --url, or leave out --ca.");
        }

        string? authority = parsed.GetValueOrVariable(_authority);
        X509Certificate2Collection? authorities = authority is null ? null : NodeCertificate.ReadAuthorities(authority);
        return new CoordinatorClient(url, authorities, Token(parsed), timeout);
    }

    private string? Token(ParseResult parsed)
    {
        if (parsed.GetValue(_tokenFile) is null && Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } token)
        {
            return Checked(token, TokenVariable);
        }

        if (parsed.GetValueOrVariable(_tokenFile) is not { } file)
        {
            return null;
        }

        try
        {
            string? line = File.ReadLines(file).Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0 && line[0] != '#');
            return Checked(line ?? throw new ConfigurationException($"The token file {file} is empty."), file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The token file cannot be read: {PathProblem.Reading(file, error)}", error);
        }
    }

    private static string Checked(string token, string source) => token.All(c => char.IsAscii(c) && !char.IsWhiteSpace(c) && !char.IsControl(c)) ? token
        : throw new ConfigurationException($"{source} does not hold one token alone: it must be a single word of ASCII characters.");
}
