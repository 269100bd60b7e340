using System.Net;
using System.Net.Sockets;

namespace MetaMap.Cluster.Tests;

/// <summary>A folder for one test's runs, removed at its end, and free ports.</summary>
internal sealed class RunFolder : IDisposable
{
    private static int _lastPort = 20_000 + (Environment.ProcessId % 100 * 100);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("metamap-test-");

    public string this[string name] => Path.Combine(_folder.FullName, name);

    /// <summary>A port that nobody listens on: another each time, and none that the system itself gives away before it is used.</summary>
    public static int FreePort()
    {
        while (true)
        {
            int port = Interlocked.Increment(ref _lastPort);
            try
            {
                using TcpListener listener = new(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; the next one.
            }
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
