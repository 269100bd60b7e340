using System.Net;
using System.Net.Sockets;

namespace MetaMap.Shared.Tests.Hosting;

/// <summary>Ports that nobody listens on.</summary>
internal static class FreePorts
{
    /// <summary>Different ones.</summary>
    public static int[] Take(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        int[] ports = [.. listeners.Select(listener =>
        {
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        })];
        Array.ForEach(listeners, listener => listener.Dispose());
        return ports;
    }
}
