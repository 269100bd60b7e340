using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using MetaMap.Core;

namespace MetaMap.Shared.Membership;

/// <summary>Finds the address at which other nodes can reach this one.</summary>
public static class NodeAddress
{
    /// <summary>
    /// This machine's address on the route to a seed, else its first IPv4 address that is not loopback, else 127.0.0.1.
    /// Nothing is sent: connecting a UDP socket only asks the routing table.
    /// </summary>
    /// <param name="seed">A coordinator as <c>host:port</c>, or null.</param>
    public static string Own(string? seed = null) =>
        (seed is null ? null : OnTheWayTo(seed)) ?? FirstOfInterfaces() ?? IPAddress.Loopback.ToString();

    /// <summary>Splits <c>host:port</c>; an address of IPv6 has brackets, as in <c>[::1]:4053</c>, and keeps them in its shortest form.</summary>
    /// <exception cref="ConfigurationException">The text has another form.</exception>
    public static (string Host, int Port) Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon > 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is > 0 and <= IPEndPoint.MaxPort && (text[0] == '[' || !text[..colon].Contains(':', StringComparison.Ordinal)) && IsHost(text[..colon])
            ? (Canonical(text[..colon]), port)
            : throw new ConfigurationException($"'{text}' is not the address of a node; give host:port, for example 127.0.0.1:4053 or [::1]:4053");
    }

    /// <summary>Splits <c>host</c> or <c>host:port</c>; an address of IPv6 may stand alone without brackets.</summary>
    /// <exception cref="ConfigurationException">The text has another form.</exception>
    public static (string Host, int? Port) ParseHost(string text) =>
        IsHost(text) ? (Canonical(text), null) : text.Contains(':', StringComparison.Ordinal) ? Parse(text)
            : throw new ConfigurationException($"'{text}' is neither a host name nor an address");

    /// <summary>A host and a port as one text, which <see cref="Parse"/> reads.</summary>
    public static string Text(string host, int port) => string.Create(CultureInfo.InvariantCulture, $"{Canonical(host)}:{port}");

    /// <summary>True for the address that means all of a machine: nodes listen on it, but nobody is reached by it.</summary>
    /// <param name="host">A host name or address.</param>
    public static bool IsAny(string host) => IPAddress.TryParse(host, out IPAddress? address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    /// <summary>True when only this machine can reach what listens on that host.</summary>
    /// <param name="host">A host name or address.</param>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));

    // As Akka writes hosts into addresses.
    private static string Canonical(string host) =>
        IPAddress.TryParse(host, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : host;

    // Brackets of a host hold an address of IPv6 and nothing else.
    private static bool IsHost(string text) => Uri.CheckHostName(text) != UriHostNameType.Unknown;

    private static string? OnTheWayTo(string seed)
    {
        (string host, int port) = Parse(seed);
        try
        {
            return Dns.GetHostAddresses(host).OrderBy(address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)
                .Select(address => OnTheWayTo(new IPEndPoint(address, port))).FirstOrDefault(own => own is not null);
        }
        catch (SocketException)
        {
            // An unknown host: the interfaces are the next best answer, and joining reports the seed.
            return null;
        }
    }

    private static string? OnTheWayTo(IPEndPoint seed)
    {
        try
        {
            using Socket socket = new(seed.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(seed);
            return (socket.LocalEndPoint as IPEndPoint)?.Address.ToString();
        }
        catch (SocketException)
        {
            // No route.
            return null;
        }
    }

    private static string? FirstOfInterfaces() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(network => network.OperationalStatus == OperationalStatus.Up)
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address)
        .Where(address => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal)
        .MinBy(address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)?
        .ToString();
}
