using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MetaMap.Chaos.Links;
using MetaMap.Testing;

namespace MetaMap.Cluster.Tests.Chaos;

public sealed class TcpProxyTests : IAsyncDisposable, IAsyncLifetime
{

    private readonly TcpListener _echo = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _address = new(IPAddress.Parse("127.0.0.1"), RunFolder.FreePort());
    private TcpProxy _proxy = null!;

    public Task InitializeAsync()
    {
        _echo.Start();
        _proxy = new TcpProxy(_address, (IPEndPoint)_echo.LocalEndpoint);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _echo.Dispose();
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    [Fact]
    public async Task Pass_ManyBytes_ArriveInOrder()
    {
        using Socket client = await Connect();
        using Socket server = await _echo.AcceptSocketAsync();
        byte[] sent = [.. Enumerable.Range(0, 1_000_000).Select(i => (byte)(i * 31))];
        Task<int> sending = client.SendAsync(sent);
        byte[] received = new byte[sent.Length];
        for (int count = 0; count < received.Length;)
        {
            count += await server.ReceiveAsync(received.AsMemory(count)).AsTask().WaitAsync(TestTime.Limit);
        }

        Assert.Equal(sent.Length, await sending);
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task Hold_BytesWait_UntilPass()
    {
        using Socket client = await Connect();
        using Socket server = await _echo.AcceptSocketAsync();
        _proxy.Hold();
        await client.SendAsync(new byte[] { 7 });
        byte[] received = new byte[1];
        Task<int> receiving = server.ReceiveAsync(received);
        await Assert.ThrowsAsync<TimeoutException>(() => receiving.WaitAsync(TimeSpan.FromMilliseconds(200)));
        _proxy.Pass();
        Assert.Equal(1, await receiving.WaitAsync(TestTime.Limit));
        Assert.Equal(7, received[0]);
    }

    [Fact]
    public async Task Delay_EveryByte_IsLate()
    {
        using Socket client = await Connect();
        using Socket server = await _echo.AcceptSocketAsync();
        _proxy.Delay = TimeSpan.FromMilliseconds(150);
        long start = Stopwatch.GetTimestamp();
        await client.SendAsync(new byte[] { 7 });
        await server.ReceiveAsync(new byte[1]).WaitAsync(TestTime.Limit);
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(145));
    }

    [Fact]
    public async Task Cut_OpenConnections_EndAndNewOnesPass()
    {
        using Socket client = await Connect();
        using Socket server = await _echo.AcceptSocketAsync();
        _proxy.Cut();
        await Assert.ThrowsAsync<SocketException>(() => client.ReceiveAsync(new byte[1]).WaitAsync(TestTime.Limit));
        using Socket next = await Connect();
        using Socket nextServer = await _echo.AcceptSocketAsync().WaitAsync(TestTime.Limit);
        await next.SendAsync(new byte[] { 7 });
        Assert.Equal(1, await nextServer.ReceiveAsync(new byte[1]).WaitAsync(TestTime.Limit));
    }

    private async Task<Socket> Connect()
    {
        Socket client = new(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(_address);
        return client;
    }
}
