using System.Net;
using System.Text;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests;

/// <summary>Coordinators that do not answer, or answer something else: exit codes 1 to 4 and one sentence.</summary>
public sealed class CoordinatorAnswersTests
{
    [Theory]
    [InlineData("status")]
    [InlineData("workers")]
    [InlineData("model")]
    [InlineData("evaluate")]
    [InlineData("health")]
    [InlineData("run", "list")]
    [InlineData("run", "start")]
    [InlineData("run", "stop", "x")]
    public async Task Call_NobodyListens_Is3AndOneSentence(params string[] arguments)
    {
        string url = MetamapCommand.DeadUrl();
        await MetamapCommand.AssertRefused(3, $"No coordinator answers at {url}; start one with", [.. arguments, "--url", url]);
    }

    /// <summary>In a path, the name of a folder above would mean another run.</summary>
    [Theory]
    [InlineData("run", "status", "..")]
    [InlineData("run", "delete", "")]
    [InlineData("run", "pause", "a/b")]
    [InlineData("model", "--run", "..")]
    [InlineData("evaluate", "--run", ".")]
    [InlineData("evaluate", "--on-cluster", "--run", "..")]
    public Task Call_NameThatNoRunHas_Is2(params string[] arguments) =>
        MetamapCommand.AssertRefused(2, $"'{arguments[^1]}' is not a name for a run", [.. arguments, "--url", MetamapCommand.DeadUrl()]);

    [Fact]
    public async Task Worker_NobodyListens_Is3()
    {
        string address = MetamapCommand.DeadUrl()["http://".Length..];
        MetamapCommand call = await MetamapCommand.Run("worker", "--coordinator", address, "--join-timeout", "1", "--threads", "1", "--quiet");
        Assert.Equal(3, call.ExitCode);
        Assert.Contains($"metamap: No coordinator at {address} could be joined within 1 s: {address} refuses connections: no coordinator listens there.", call.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", call.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, """{"status":400,"detail":"--ways is 1, but it must be 2 or more."}""", 2, "--ways is 1, but it must be 2 or more.")]
    [InlineData(409, """{"title":"Conflict","detail":"There is a run x already; choose another name."}""", 2, "There is a run x already")]
    [InlineData(404, """{"type":"about:blank","detail":"There is no run 'x' on this coordinator."}""", 1, "There is no run 'x'")]
    [InlineData(500, "<html>oops</html>", 1, "The coordinator answered 500")]
    [InlineData(503, "", 1, "The coordinator answered 503")]
    [InlineData(200, "<html>some other server</html>", 3, "is not a MetaMap coordinator of this version")]
    [InlineData(200, """{"unexpected":1}""", 3, "is not a MetaMap coordinator of this version")]
    [InlineData(200, "", 3, "is not a MetaMap coordinator of this version")]
    [InlineData(200, "null", 1, "sent an empty answer")]
    public async Task RunStart_AnyAnswer_IsOneSentence(int status, string body, int exitCode, string reason)
    {
        using OneAnswer server = new(status, body);
        await MetamapCommand.AssertRefused(exitCode, reason, "run", "start", "--url", server.Url);
    }

    [Theory]
    [InlineData("model", "--out", "m.safetensors")]
    [InlineData("evaluate")]
    public async Task Model_AnswerThatIsNoModel_Is4(params string[] arguments)
    {
        using TemporaryDirectory folder = new();
        using OneAnswer server = new(200, "this is no model");
        await MetamapCommand.AssertRefused(4, "The coordinator's answer is not a usable safetensors file", [.. arguments.Select(argument => argument.Replace("m.safetensors", folder["m.safetensors"], StringComparison.Ordinal)), "--url", server.Url]);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task Model_VersionWithoutAFile_IsDescribed()
    {
        using OneAnswer server = new(
            200, """{"run_id":"x","version":3,"model":"mlp","parameters":7,"length_bytes":9,"model_sha256":"ab","layout_digest":"cd","tensors":[]}""");
        MetamapCommand call = await MetamapCommand.Run("model", "--run", "x", "--version", "3", "--url", server.Url);
        Assert.Equal((0, "/api/runs/x/model/info?version=3"), (call.ExitCode, server.Asked));
        Assert.Contains("iteration 3", call.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "Healthy", 0)]
    [InlineData(503, """{"detail":"This coordinator is not ready."}""", 1)]
    public async Task Health_OfANode_IsTheExitCode(int status, string body, int exitCode)
    {
        using OneAnswer server = new(status, body);
        Assert.Equal(exitCode, (await MetamapCommand.Run("health", "--url", server.Url)).ExitCode);
    }

    [Fact]
    public async Task Workers_None_SaysSoOnStandardError()
    {
        using OneAnswer server = new(200, "[]");
        MetamapCommand call = await MetamapCommand.Run("workers", "--url", server.Url);
        Assert.Equal((0, "", "no workers\n"), (call.ExitCode, call.Output, call.Errors));
    }

    /// <summary>An HTTP server that answers everything alike.</summary>
    private sealed class OneAnswer : IDisposable
    {
        private readonly HttpListener _listener = new();

        public OneAnswer(int status, string body)
        {
            Url = MetamapCommand.DeadUrl();
            _listener.Prefixes.Add(Url + "/");
            _listener.Start();
            _ = Answer(status, Encoding.UTF8.GetBytes(body));
        }

        public string Url { get; }

        /// <summary>Path and query of the last request.</summary>
        public string? Asked { get; private set; }

        public void Dispose() => _listener.Close();

        private async Task Answer(int status, byte[] body)
        {
            try
            {
                while (true)
                {
                    HttpListenerContext context = await _listener.GetContextAsync();
                    Asked = context.Request.RawUrl;
                    // Unread, the rest of a request would reset the connection before its answer is read.
                    await context.Request.InputStream.CopyToAsync(Stream.Null);
                    context.Response.StatusCode = status;
                    await context.Response.OutputStream.WriteAsync(body);
                    context.Response.Close();
                }
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
