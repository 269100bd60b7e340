using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using MetaMap.Core;

namespace MetaMap.Shared.Membership;

/// <summary>
/// Where coordinators are: addresses, or a DNS name that is resolved again at every attempt to join, so that coordinators may
/// move. Coordinators behind a name advertise the addresses that it resolves to.
/// </summary>
public sealed record SeedList
{
    private const string DnsPrefix = "dns:";

    private SeedList(string text, ImmutableArray<string> fixedSeeds, (string Host, int Port)? name)
    {
        (Text, Fixed, Name) = (text, fixedSeeds, name);
    }

    /// <summary>The text as it was given.</summary>
    public string Text { get; }

    private ImmutableArray<string> Fixed { get; }

    private (string Host, int Port)? Name { get; }

    /// <summary>Reads <c>host:port[,host:port…]</c> or <c>dns:name:port</c>.</summary>
    /// <exception cref="ConfigurationException">The text has another form, or a seed occurs twice.</exception>
    public static SeedList Parse(string text)
    {
        if (text.StartsWith(DnsPrefix, StringComparison.Ordinal))
        {
            return new SeedList(text, [], NodeAddress.Parse(text[DnsPrefix.Length..]));
        }

        ImmutableArray<string> seeds = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(Canonical)];
        return seeds.Distinct(StringComparer.Ordinal).Count() == seeds.Length
            ? new SeedList(text, seeds, null)
            : throw new ConfigurationException($"'{text}' names a coordinator twice; name each once");
    }

    /// <summary>Reads <c>host:port[,host:port…]</c>: coordinators need fixed addresses of each other.</summary>
    /// <exception cref="ConfigurationException">The text has another form.</exception>
    public static IReadOnlyList<string> ParseFixed(string text) => Parse(text) is { Name: null } list
        ? list.Fixed : throw new ConfigurationException($"'{text}' is a name; coordinators need the fixed address of each other as host:port,host:port,...");

    /// <summary>One of the seeds, for finding the route; for a DNS name, the name itself.</summary>
    public string OneSeed => Name is { } name ? NodeAddress.Text(name.Host, name.Port) : Fixed[0];

    /// <summary>The current seeds, as <c>host:port</c>; none when the name has no address at the moment.</summary>
    public async Task<IReadOnlyList<string>> Resolve(CancellationToken cancellation)
    {
        if (Name is not { } name)
        {
            return Fixed;
        }

        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(name.Host, cancellation).ConfigureAwait(false);
            return [.. addresses.Distinct().Select(address => NodeAddress.Text(address.ToString(), name.Port)).Order(StringComparer.Ordinal)];
        }
        catch (SocketException)
        {
            // No such name, or no answer: the next attempt asks again.
            return [];
        }
    }

    /// <inheritdoc />
    public override string ToString() => Text;

    private static string Canonical(string seed)
    {
        (string host, int port) = NodeAddress.Parse(seed);
        return NodeAddress.Text(host, port);
    }
}
