using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MetaMap.Data.Tests.Downloads;

/// <summary>A real HTTP server for the files of a test; it can cut connections and ignore ranges.</summary>
internal sealed class FileServer : IDisposable
{
    private readonly HttpListener _listener = new();
    // Kept, so that a response that stalls stays open.
    private readonly ConcurrentQueue<HttpListenerContext> _taken = new();

    public FileServer()
    {
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        BaseAddress = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/some/folder/");
        free.Stop();
        _listener.Prefixes.Add(new Uri(BaseAddress, "/").ToString());
        _listener.Start();
        _ = ServeAsync();
    }

    public Uri BaseAddress { get; }

    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Whether ranges are answered with parts; otherwise with the whole file.</summary>
    public bool SupportsRanges { get; set; } = true;

    /// <summary>Bytes after which each response is cut; the next value for each request, none when empty.</summary>
    public Queue<int> Cuts { get; } = new();

    /// <summary>Whether a response that would be cut is left open instead, without another byte.</summary>
    public bool Stalls { get; set; }

    /// <summary>Whether requests are taken and never answered.</summary>
    public bool IsSilent { get; set; }

    /// <summary>The Range header of each request, empty without.</summary>
    public ConcurrentQueue<string> Ranges { get; } = new();

    /// <summary>Ends the listening, and with it the serving.</summary>
    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // The client went away, or the server is closing.
                continue;
            }

            // Each on its own: a response that a client has left half read must not keep the next client waiting.
            _taken.Enqueue(context);
            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        string range = context.Request.Headers["Range"] ?? "";
        Ranges.Enqueue(range);
        if (IsSilent)
        {
            return;
        }

        HttpListenerResponse response = context.Response;
        if (!Files.TryGetValue(Path.GetFileName(context.Request.Url!.AbsolutePath), out byte[]? content))
        {
            response.StatusCode = 404;
            response.Close();
            return;
        }

        int from = SupportsRanges && range.Length > 0 ? int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture) : 0;
        if (from > 0)
        {
            response.StatusCode = 206;
            response.AddHeader("Content-Range", $"bytes {from}-{content.Length - 1}/{content.Length}");
        }

        response.ContentLength64 = content.Length - from;
        if (Cuts.TryDequeue(out int cut) && cut < content.Length - from)
        {
            await response.OutputStream.WriteAsync(content.AsMemory(from, cut));
            await response.OutputStream.FlushAsync();
            if (!Stalls)
            {
                response.Abort();
            }

            return;
        }

        await response.OutputStream.WriteAsync(content.AsMemory(from));
        response.Close();
    }
}
