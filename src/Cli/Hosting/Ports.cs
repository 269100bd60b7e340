using System.Net;
using System.Net.Sockets;
using MetaMap.Core;

namespace MetaMap.Cli.Hosting;

/// <summary>TCP ports that nodes listen on: checked before anything starts, so that a port in use gives a one-sentence message.</summary>
internal static class Ports
{
    private const int Tries = 100;

    /// <summary>Refuses a port that another process listens on.</summary>
    /// <exception cref="ConfigurationException">It is in use or out of range, or the host is not an address of this machine.</exception>
    public static void RequireFree(string host, int port, string purpose, string option)
    {
        RequireInRange(port, option);
        if (port == 0)
        {
            return;
        }

        using Socket listening = TryListen(host, port) ?? throw InUse(host, port, purpose, option);
    }

    /// <summary>
    /// Listens on a port. The socket is kept open, because a port that was only checked can be taken by another process that starts at the same time.
    /// </summary>
    /// <exception cref="ConfigurationException">It is in use or out of range, or the host is not an address of this machine.</exception>
    public static Socket Listen(string host, int port, string purpose, string option)
    {
        RequireInRange(port, option);
        return TryListen(host, port) ?? throw InUse(host, port, purpose, option);
    }

    /// <summary>
    /// Listens on the first free port from <paramref name="first"/> on, and keeps it, too.
    /// </summary>
    /// <exception cref="ConfigurationException">No port is free, or the host is not an address of this machine.</exception>
    public static Socket ListenOnNextFree(string host, int first, string option)
    {
        RequireInRange(first, option);
        for (int port = first; port < first + Tries && port <= IPEndPoint.MaxPort; port++)
        {
            if (TryListen(host, port) is { } listening)
            {
                return listening;
            }
        }

        throw new ConfigurationException($"No port from {first} to {first + Tries - 1} is free on {host}; name another with {option}.");
    }

    /// <summary>The refusal of a port that another process has.</summary>
    public static ConfigurationException InUse(string host, int port, string purpose, string option) =>
        new($"Port {port} on {host} is in use, so the {purpose} interface cannot listen there; name another with {option}.");

    /// <summary>True where an error says that a port is in use.</summary>
    public static bool IsInUse(Exception error) => error switch
    {
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => true,
        AggregateException several => several.InnerExceptions.Any(IsInUse),
        _ => error.InnerException is { } inner && IsInUse(inner),
    };

    private static void RequireInRange(int port, string option)
    {
        if (port is < 0 or > IPEndPoint.MaxPort)
        {
            throw new ConfigurationException($"{option} is {port}, but a port is a number from 1 to {IPEndPoint.MaxPort}.");
        }
    }

    // A name means its first address; never all of this machine, which Kestrel makes of a name that it does not know.
    private static IPAddress Resolve(string host)
    {
        try
        {
            return Dns.GetHostAddresses(host).OrderBy(address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).First();
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            throw new ConfigurationException($"'{host}' is neither an address nor a name that this machine knows; give one that is, or 0.0.0.0 for all.", error);
        }
    }

    private static Socket? TryListen(string host, int port)
    {
        IPAddress address = IPAddress.TryParse(host, out IPAddress? parsed) ? parsed : Resolve(host);
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
            {
                // All addresses, those of IPv4 as well.
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(address, port));
            // Two sockets can be bound to the same port, but only one can listen.
            socket.Listen();
            return socket;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            return error.SocketErrorCode == SocketError.AddressNotAvailable
                ? throw new ConfigurationException($"{host} is not an address of this machine; give one that is, or 0.0.0.0 for all.", error)
                : null;
        }
    }
}
