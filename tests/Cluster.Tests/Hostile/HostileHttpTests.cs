using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit.Abstractions;

namespace MetaMap.Cluster.Tests.Hostile;

/// <summary>Strangers on the HTTP port: refused with a status of 4xx (and a sentence, where the request could be read), or closed.</summary>
[Trait("Category", "Slow")]
[Collection(HostileCluster.Name)]
public sealed class HostileHttpTests(HostileCluster hostile, ITestOutputHelper output)
{
    private const long SlackBytes = TestCluster.HeapBytes + (64 << 20);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(40);

    public static TheoryData<string, string, int> Requests => new()
    {
        { "path that climbs", Get("/api/runs/..%2f..%2f..%2fetc%2fpasswd/model"), 404 },
        { "path that climbs in plain text", Get("/api/runs/../../../../etc/passwd"), 404 },
        { "double encoding", Get("/api/runs/%252e%252e%252fetc/model"), 404 },
        { "zero byte in a path", Get("/api/runs/calm%00/model"), 0 },
        { "backslashes", Get("/api/runs/..%5c..%5cetc/model"), 404 },
        { "half a surrogate in a path", Get("/api/runs/%ed%a0%80"), 0 },
        { "version that is none", Get("/api/runs/calm/model?version=../../x"), 400 },
        { "version that is gigantic", Get("/api/runs/calm/model?version=99999999999999999999"), 400 },
        { "version below zero", Get("/api/runs/calm/model?version=-1"), 404 },
        { "name that climbs", Post("/api/runs", """{"name":"../evil"}"""), 400 },
        { "name that is a parent", Post("/api/runs", """{"name":".."}"""), 400 },
        { "name with a folder", Post("/api/runs", """{"name":"a/b"}"""), 400 },
        { "name with a zero byte", Post("/api/runs", """{"name":"a\u0000b"}"""), 400 },
        { "name with half a surrogate", Post("/api/runs", """{"name":"a\ud800"}"""), 400 },
        { "name that is long", Post("/api/runs", $$"""{"name":"{{new string('n', 5_000)}}"}"""), 400 },
        { "option out of range", Post("/api/runs", """{"name":"x","options":{"filters":2147483647}}"""), 400 },
        { "option unknown", Post("/api/runs", """{"name":"x","options":{"$type":"System.IO.FileInfo"}}"""), 400 },
        { "array bomb", Post("/api/runs", new string('[', 100_000)), 400 },
        { "object bomb", Post("/api/runs", string.Concat(Enumerable.Repeat("{\"options\":", 50_000))), 400 },
        { "no JSON", Post("/api/runs", "\0\u0001\u0002"), 400 },
        { "null", Post("/api/runs", "null"), 400 },
        { "wrong content type", Post("/api/runs", "<run/>", "text/xml"), 415 },
        { "no content type", Post("/api/runs", "{}", ""), 415 },
        { "unknown method", "BREW /api/runs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405 },
        { "nothing there", Get("/nothing"), 404 },
        { "range behind the end", Get("/api/runs/calm/model", "Range: bytes=999999999999-"), 416 },
        { "evaluation of nobody", Post("/api/runs/nobody/evaluate", "{}"), 404 },
        { "evaluation of too much", Post("/api/runs/calm/evaluate", """{"episodes":2147483647}"""), 400 },
        { "stop of nobody", Post("/api/runs/..%2f../stop", ""), 404 },
        { "header that is huge", Get("/api/runs", "X: " + new string('h', 100_000)), 0 },
        { "headers that are many", Get("/api/runs", string.Join("\r\n", Enumerable.Range(0, 1_000).Select(i => $"X{i}: y"))), 0 },
        { "no request line", "\0\0\0\0\r\n\r\n", 0 },
        { "no host", "GET /api/runs HTTP/1.1\r\nConnection: close\r\n\r\n", 0 },
        { "length and chunks", "POST /api/runs HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\nTransfer-Encoding: gzip, x\r\n\r\nhello", 0 },
        { "length below zero", "POST /api/runs HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: -5\r\n\r\n", 0 },
        { "length that is huge", "POST /api/runs HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 40000000\r\n\r\n{", 413 },
    };

    /// <param name="what">For people.</param>
    /// <param name="request">Sent as it stands.</param>
    /// <param name="status">Expected, with a sentence; 0: any of 4xx, told by the server itself before the application hears of it.</param>
    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Http_BadRequest_IsRefusedWithASentence(string what, string request, int status)
    {
        (int got, string body) = await Answer(await Exchange(Encoding.Latin1.GetBytes(request)));
        output.WriteLine($"{what}: {got} {body}");
        Assert.InRange(got, 400, 499);
        if (status != 0)
        {
            Assert.Equal(status, got);
        }

        if (body.Length > 0)
        {
            Assert.False(string.IsNullOrWhiteSpace(JsonDocument.Parse(body).RootElement.GetProperty("detail").GetString()));
            Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
        }

        Assert.True(body.Length > 0 || status is 0, $"{got} without a sentence");
        Assert.Equal(["runs"], Directory.GetFileSystemEntries(Path.GetDirectoryName(hostile["runs"])!).Select(Path.GetFileName));
        Assert.DoesNotContain("/evil", Directory.GetDirectories(hostile["runs"]));
    }

    [Fact]
    public async Task Http_EndlessBodies_AreCutAndMemoryStaysFlat()
    {
        await hostile.Cluster.StartRun("under-bodies");
        byte[] head = Encoding.ASCII.GetBytes("POST /api/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
        byte[] chunk = [.. "10000\r\n"u8, .. Enumerable.Repeat((byte)' ', 0x10000), .. "\r\n"u8];
        int statuses = 0;
        for (int i = 0; i < 8; i++)
        {
            // 40 MB each: above Kestrel's own limit of 30 MB, far above any that the coordinator sets.
            (int status, _) = await Answer(await Exchange(head, Enumerable.Repeat(chunk, 640)));
            statuses += status is 0 or 413 or 400 ? 1 : 0;
        }

        Assert.Equal(8, statuses);
        AssertFlat();
        await hostile.Cluster.RightBits("under-bodies");
    }

    [Fact]
    public async Task Http_SlowPeers_AreClosedWhileOthersAreServed()
    {
        // Headers that never end, and a body that never does.
        byte[][] beginnings =
        [
            Encoding.ASCII.GetBytes("GET /api/runs HTTP/1.1\r\nHost: x\r\nX: "),
            Encoding.ASCII.GetBytes("POST /api/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"),
        ];
        await hostile.Cluster.StartRun("under-slow-peers");
        List<Socket> slow = [];
        for (int i = 0; i < 200; i++)
        {
            slow.Add(await Connect());
            await slow[^1].SendAsync(beginnings[i % beginnings.Length]);
        }

        Stopwatch time = Stopwatch.StartNew();
        using PeriodicTimer drip = new(TimeSpan.FromSeconds(1));
        int open = slow.Count;
        do
        {
            Stopwatch served = Stopwatch.StartNew();
            using HttpResponseMessage health = await hostile.Cluster.Http.GetAsync("/healthz/live");
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
            Assert.True(served.Elapsed < TimeSpan.FromSeconds(5), $"others waited {served.Elapsed}");
            open = slow.Count(IsOpen);
        }
        while (open > 0 && time.Elapsed < _patience && await drip.WaitForNextTickAsync());
        slow.ForEach(socket => socket.Dispose());
        output.WriteLine($"200 slow peers were closed within {time.Elapsed.TotalSeconds:0} s");
        Assert.Equal(0, open);
        AssertFlat();
        await hostile.Cluster.RightBits("under-slow-peers");
    }

    private static string Get(string path, string? header = null) =>
        $"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{(header is null ? "" : header + "\r\n")}\r\n";

    private static string Post(string path, string body, string contentType = "application/json") =>
        $"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{(contentType.Length > 0 ? $"Content-Type: {contentType}\r\n" : "")}Content-Length: {body.Length}\r\n\r\n{body}";

    private void AssertFlat()
    {
        long now = hostile.Cluster.ResidentBytes;
        output.WriteLine($"memory {hostile.CalmBytes >> 20} -> {now >> 20} MiB");
        Assert.True(now - hostile.CalmBytes <= SlackBytes, $"memory went from {hostile.CalmBytes >> 20} to {now >> 20} MiB");
        Assert.DoesNotContain(hostile.Cluster.LogLines, line => line.Contains("   at ", StringComparison.Ordinal));
    }

    private async Task<Socket> Connect()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, hostile.Cluster.HttpPort);
        return socket;
    }

    /// <summary>Sends one more byte; false when the coordinator has closed the connection.</summary>
    private static bool IsOpen(Socket socket)
    {
        try
        {
            return socket.Send("x"u8) == 1 && !(socket.Poll(0, SelectMode.SelectRead) && socket.Receive(new byte[4096]) == 0);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task<byte[]> Exchange(byte[] request, IEnumerable<byte[]>? more = null)
    {
        using Socket socket = await Connect();
        using CancellationTokenSource timeout = new(_patience);
        using MemoryStream answer = new();
        try
        {
            await socket.SendAsync(request, timeout.Token);
            foreach (byte[] part in more ?? [])
            {
                await socket.SendAsync(part, timeout.Token);
            }
        }
        catch (SocketException)
        {
            // It answers, or closes, before it has read everything.
        }

        byte[] buffer = new byte[65536];
        try
        {
            while (await socket.ReceiveAsync(buffer, timeout.Token) is > 0 and int count)
            {
                answer.Write(buffer, 0, count);
            }
        }
        catch (SocketException)
        {
            // A reset: what has arrived is the answer.
        }

        return answer.ToArray();
    }

    /// <summary>Status (0 without an answer) and body, with chunks joined.</summary>
    private static async Task<(int Status, string Body)> Answer(byte[] bytes)
    {
        using StreamReader reader = new(new MemoryStream(bytes), Encoding.UTF8);
        string head = await reader.ReadLineAsync() ?? "";
        bool isChunked = false;
        while (await reader.ReadLineAsync() is { Length: > 0 } header)
        {
            isChunked |= header.StartsWith("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase);
        }

        string body = await reader.ReadToEndAsync();
        body = isChunked ? string.Concat(body.Split("\r\n").Where((_, line) => line % 2 == 1)) : body;
        return (head.Length > 12 ? int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture) : 0, body);
    }
}
