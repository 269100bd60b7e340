using System.CommandLine;
using MetaMap.Cli.Help;
using MetaMap.Coordinator;
using MetaMap.Core;
using MetaMap.Shared.Security;

namespace MetaMap.Cli.Options;

/// <summary>How a node is protected from strangers: the options <c>--tls</c>, <c>--tokens</c> and <c>--insecure</c>.</summary>
internal sealed class NodeSecurity
{
    private const string TokensVariable = "METAMAP_TOKENS_FILE";

    private readonly Option<string?> _tls = new("--tls")
    {
        HelpName = "DIR",
        Description = "Folder with ca.pem, node.pem and node.key, as `metamap certs` makes it: mutual TLS between nodes, and HTTPS.",
    };

    private readonly Option<string?> _tokens = new Option<string?>("--tokens")
    {
        HelpName = "FILE",
        Description = $"File with lines 'read TOKEN' and 'write TOKEN': HTTP asks for one of them; default: {TokensVariable}, else HTTP is open.",
    }.Or(TokensVariable);

    private readonly Option<bool> _insecure = new("--insecure")
    {
        Description = "Listen beyond loopback without TLS or without tokens all the same, in a network that is closed to others.",
    };

    private NodeSecurity(Command command, bool hasHttp, bool mayBeInsecure)
    {
        command.Add(OptionGroups.Security, [_tls, .. hasHttp ? [_tokens] : Array.Empty<Option>(), .. mayBeInsecure ? [_insecure] : Array.Empty<Option>()]);
    }

    /// <summary>For a coordinator.</summary>
    public static NodeSecurity OfCoordinator(Command command) => new(command, hasHttp: true, mayBeInsecure: true);

    /// <summary>For a worker.</summary>
    public static NodeSecurity OfWorker(Command command) => new(command, hasHttp: false, mayBeInsecure: true);

    /// <summary>For a cluster on loopback.</summary>
    public static NodeSecurity OfLocalCluster(Command command) => new(command, hasHttp: true, mayBeInsecure: false);

    /// <summary>The folder of <c>--tls</c>.</summary>
    public string? TlsDirectory(ParseResult parsed) => parsed.GetValue(_tls);

    /// <summary>The node's certificate; null without TLS.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public NodeCertificate? Tls(ParseResult parsed) =>
        parsed.GetValue(_tls) is { } folder ? NodeCertificate.Load(folder, TimeProvider.System.GetUtcNow()) : null;

    /// <summary>Whether listening without protection is explicitly allowed.</summary>
    public bool IsInsecure(ParseResult parsed) => parsed.GetValue(_insecure);

    /// <summary>The tokens of HTTP; null when it is open. Warns when others on this machine can read their file.</summary>
    /// <exception cref="ConfigurationException">They cannot be read.</exception>
    public AccessTokens? Tokens(ParseResult parsed)
    {
        if (parsed.GetValueOrVariable(_tokens) is not { } file)
        {
            return null;
        }

        AccessTokens tokens = AccessTokens.ReadFile(file);
        if (AccessTokens.Exposure(file) is { } exposure)
        {
            Console.Error.WriteLine($"warning: {exposure}");
        }

        return tokens;
    }
}
