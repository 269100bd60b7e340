using System.Net;
using System.Net.Sockets;

namespace MetaMap.Cluster.Tests;

/// <summary>A folder for one test's runs, removed at its end, and free ports.</summary>
internal sealed class RunFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("metamap-test-");

    public string this[string name] => Path.Combine(_folder.FullName, name);

    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
