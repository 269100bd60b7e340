using System.CommandLine;
using MetaMap.Shared.Membership;

namespace MetaMap.Cli.Options;

/// <summary><c>--advertise HOST[:PORT]</c>: where others reach a node.</summary>
internal sealed class AdvertisedAddress
{
    /// <summary>The option.</summary>
    /// <param name="purpose">What follows "host name or address that".</param>
    public AdvertisedAddress(string purpose)
    {
        Option = new Option<string?>("--advertise") { HelpName = "HOST[:PORT]", Description = $"Host name or address, and perhaps port, that {purpose}." };
        Option.Check(text =>
        {
            if (text is not null)
            {
                NodeAddress.ParseHost(text);
            }
        });
    }

    /// <summary>For the command.</summary>
    public Option<string?> Option { get; }

    /// <summary>The host; null for that on which the node listens.</summary>
    public string? Host(ParseResult parsed) => parsed.GetValue(Option) is { } text ? NodeAddress.ParseHost(text).Host : null;

    /// <summary>The port; null for that on which the node listens.</summary>
    public int? Port(ParseResult parsed) => parsed.GetValue(Option) is { } text ? NodeAddress.ParseHost(text).Port : null;
}
