using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MetaMap.Testing;

namespace MetaMap.Cluster.Tests.Hostile;

/// <summary>What a stranger can do to a port. Each attack is one wave, repeated while a run trains; it says how many peers it was.</summary>
/// <param name="port">Of the coordinator.</param>
/// <param name="seed">Of everything random.</param>
internal sealed class Attacks(int port, int seed) : IDisposable
{
    private const int HeldConnections = 10_000;
    private const int SpareFiles = 2_000;
    private readonly Random _random = new(seed);
    private readonly List<Socket> _held = [];

    /// <summary>Sockets that are still open on this side.</summary>
    public int Held => _held.Count;

    /// <summary>The waves by name.</summary>
    public ImmutableDictionary<string, Func<byte[], Task<int>>> Waves => new Dictionary<string, Func<byte[], Task<int>>>
    {
        ["random bytes"] = _ => Many(100, () => Bytes(_random.Next(1, 2_000))),
        ["frames of garbage"] = _ => Many(100, () => Framed(Bytes(_random.Next(0, 1_000)))),
        ["changed handshakes"] = handshake => Many(100, () => Changed(handshake)),
        ["gigantic lengths"] = _ => Many(20, () => [.. Length(Extremes.Numbers[_random.Next(Extremes.Numbers.Length)]), .. Bytes(1 << 20)]),
        ["HTTP and TLS"] = _ => Many(50, () => _random.Next(2) == 0 ? "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray() : [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, .. Bytes(508)]),
        ["half-open"] = _ => Hold(200, bytes: 3),
        ["many connections"] = _ => Hold(Math.Min(HeldConnections, OpenFileLimit() - SpareFiles) - Held, bytes: 0),
        ["connect and close"] = _ => Many(500, () => []),
    }.ToImmutableDictionary();

    public void Dispose() => _held.ForEach(socket => socket.Dispose());

    /// <summary>The first bytes that a real worker sends.</summary>
    public static async Task<byte[]> Handshake()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int listening = ((IPEndPoint)listener.LocalEndpoint).Port;
        using MetamapProcess worker = MetamapProcess.Start("worker", "--coordinator", $"127.0.0.1:{listening}", "--threads", "1");
        using CancellationTokenSource timeout = new(TimeSpan.FromMinutes(1));
        using Socket peer = await listener.AcceptSocketAsync(timeout.Token);
        byte[] bytes = new byte[4096];
        return bytes[..await peer.ReceiveAsync(bytes, timeout.Token)];
    }

    /// <summary>Connections one after the other, each of which sends its bytes and goes, half of them with a reset.</summary>
    private async Task<int> Many(int count, Func<byte[]> bytes)
    {
        for (int i = 0; i < count; i++)
        {
            using Socket socket = await Connect();
            try
            {
                await socket.SendAsync(bytes());
            }
            catch (SocketException)
            {
                // The coordinator has closed it already, as it should.
            }

            socket.LingerState = new LingerOption(i % 2 == 0, 0);
        }

        return count;
    }

    /// <summary>Opens connections and keeps them.</summary>
    private async Task<int> Hold(int count, int bytes)
    {
        for (int i = 0; i < count; i++)
        {
            Socket socket = await Connect();
            _held.Add(socket);
            if (bytes > 0)
            {
                await socket.SendAsync(Bytes(bytes));
            }
        }

        return Math.Max(0, count);
    }

    /// <summary>A connection from one of eight loopback addresses, so that ports do not run out.</summary>
    private async Task<Socket> Connect()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse($"127.0.0.{2 + _random.Next(8)}"), 0));
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    private byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    private byte[] Changed(byte[] handshake)
    {
        byte[] changed = [.. handshake];
        for (int i = _random.Next(4); i >= 0; i--)
        {
            changed[_random.Next(sizeof(int), changed.Length)] = (byte)_random.Next(256);
        }

        return _random.Next(3) == 0 ? changed[..^_random.Next(changed.Length)] : changed;
    }

    private static byte[] Framed(byte[] content) => [.. Length(content.Length), .. content];

    private static byte[] Length(long length)
    {
        byte[] prefix = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(prefix, unchecked((uint)length));
        return prefix;
    }

    private static int OpenFileLimit() => int.Parse(
        File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
}
