using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace MetaMap.Chaos.Links;

/// <summary>Passes TCP connections on to a target; can hold, delay and cut them. Order and content stay as TCP promises.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024;
    private const int BuffersInFlight = 64;

    private readonly TcpListener _listener;
    private readonly IPEndPoint _target;
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private readonly Task _accepting;
    private volatile TaskCompletionSource _gate = Open();
    private long _delayTicks;

    /// <summary>Begins to listen.</summary>
    public TcpProxy(IPEndPoint listen, IPEndPoint target)
    {
        _target = target;
        _listener = new TcpListener(listen);
        _listener.Start();
        _accepting = Accept();
    }

    /// <summary>How late every byte is.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _delayTicks));
        set => Interlocked.Exchange(ref _delayTicks, value.Ticks);
    }

    /// <summary>Lets nothing pass: bytes wait, as behind a cable that is unplugged.</summary>
    public void Hold() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets bytes pass again, those that waited first.</summary>
    public void Pass() => _gate.TrySetResult();

    /// <summary>Ends all connections at once, with whatever is on the way in them.</summary>
    public void Cut()
    {
        foreach (Socket socket in _sockets.Keys)
        {
            Close(socket);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Stop();
        Pass();
        Cut();
        await _accepting;
        _ending.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                _ = Serve(await _listener.AcceptSocketAsync(_ending.Token));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task Serve(Socket near)
    {
        Socket far = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        (_sockets[near], _sockets[far]) = (true, true);
        try
        {
            await _gate.Task;
            await far.ConnectAsync(_target, _ending.Token);
            await Task.WhenAny(Pump(near, far), Pump(far, near));
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody listens there, or the end.
        }

        Close(near);
        Close(far);
    }

    private async Task Pump(Socket from, Socket to)
    {
        Channel<(byte[] Bytes, long At)> way = Channel.CreateBounded<(byte[], long)>(BuffersInFlight);
        Task writing = Write(way.Reader, to);
        try
        {
            byte[] buffer = new byte[BufferBytes];
            while (await from.ReceiveAsync(buffer, _ending.Token) is int count and > 0 && !writing.IsCompleted)
            {
                await way.Writer.WriteAsync((buffer[..count], TimeProvider.System.GetTimestamp()), _ending.Token);
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other end is gone.
        }

        way.Writer.Complete();
        await writing;
    }

    private async Task Write(ChannelReader<(byte[] Bytes, long At)> way, Socket to)
    {
        try
        {
            await foreach ((byte[] bytes, long at) in way.ReadAllAsync(_ending.Token))
            {
                TimeSpan left = Delay - TimeProvider.System.GetElapsedTime(at);
                if (left > TimeSpan.Zero)
                {
                    await Task.Delay(left, _ending.Token);
                }

                await _gate.Task;
                for (int sent = 0; sent < bytes.Length;)
                {
                    sent += await to.SendAsync(bytes.AsMemory(sent), _ending.Token);
                }
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Close(to);
            await foreach (var _ in way.ReadAllAsync(CancellationToken.None))
            {
                // Lets the reading side see its own end.
            }
        }
    }

    private void Close(Socket socket)
    {
        if (_sockets.TryRemove(socket, out _))
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Dispose();
        }
    }

    private static TaskCompletionSource Open()
    {
        TaskCompletionSource open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        open.SetResult();
        return open;
    }
}
