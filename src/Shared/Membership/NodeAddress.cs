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

    /// <summary>Splits <c>host:port</c>.</summary>
    /// <exception cref="ConfigurationException">The text has another form.</exception>
    public static (string Host, int Port) Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon > 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is > 0 and <= 65535 && Uri.CheckHostName(text[..colon]) != UriHostNameType.Unknown
            ? (text[..colon], port)
            : throw new ConfigurationException($"'{text}' is not the address of a node; give host:port, for example 127.0.0.1:4053");
    }

    /// <summary>True when only this machine can reach what listens on that host.</summary>
    /// <param name="host">A host name or address.</param>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));

    private static string? OnTheWayTo(string seed)
    {
        (string host, int port) = Parse(seed);
        try
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(host, port);
            return (socket.LocalEndPoint as IPEndPoint)?.Address.ToString();
        }
        catch (SocketException)
        {
            // An unknown host or no route: the interfaces are the next best answer, and joining reports the seed.
            return null;
        }
    }

    private static string? FirstOfInterfaces() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(network => network.OperationalStatus == OperationalStatus.Up)
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address)
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))?
        .ToString();
}
