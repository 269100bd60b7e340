using System.Net;
using System.Text;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests.Security;

/// <summary>How commands show a token, and what they say when it is not enough.</summary>
public sealed class ClientTests : IDisposable
{
    private const string Token = "token-0123456789";

    private readonly TemporaryDirectory _folder = new();

    private string TokenFile => Path.Combine(_folder.Path, "token");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("file")]
    [InlineData("METAMAP_TOKEN")]
    [InlineData("METAMAP_TOKEN_FILE")]
    public async Task Status_Token_IsShownAsABearer(string source)
    {
        await File.WriteAllTextAsync(TokenFile, $"# mine\n\n  {Token}\n");
        Dictionary<string, string> environment = source switch
        {
            "METAMAP_TOKEN" => new() { [source] = Token },
            "METAMAP_TOKEN_FILE" => new() { [source] = TokenFile },
            _ => [],
        };
        (MetamapCommand call, string? authorization) = await Ask(
            200, "[]", environment, ["status", "--json", .. source == "file" ? new[] { "--token-file", TokenFile } : []]);
        Assert.Equal((0, ""), (call.ExitCode, call.Errors));
        Assert.Equal($"Bearer {Token}", authorization);
    }

    [Fact]
    public async Task Status_NoToken_ShowsNone() => Assert.Null((await Ask(200, "[]", [], ["status"])).Authorization);

    [Fact]
    public async Task Status_ProxyOfTheEnvironment_IsNotAskedAboutThisMachine()
    {
        Dictionary<string, string> environment = new() { ["HTTP_PROXY"] = MetamapCommand.DeadUrl(), ["http_proxy"] = MetamapCommand.DeadUrl() };
        (MetamapCommand call, _) = await Ask(200, "[]", environment, ["status", "--json"]);
        Assert.Equal((0, ""), (call.ExitCode, call.Errors));
    }

    [Theory]
    [InlineData(401, "This coordinator wants a token.")]
    [InlineData(403, "The token may only read.")]
    public async Task Status_TokenIsNotEnough_Is2AndOneSentence(int status, string sentence)
    {
        (MetamapCommand call, _) = await Ask(status, $$"""{"detail":"{{sentence}}"}""", [], ["status"]);
        Assert.Equal((2, $"metamap: {sentence}\n"), (call.ExitCode, call.Errors));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("two words", "does not hold one token alone")]
    public async Task Status_TokenFileIsNoToken_Is2(string content, string reason)
    {
        await File.WriteAllTextAsync(TokenFile, content);
        await MetamapCommand.AssertRefused(2, reason, "status", "--token-file", TokenFile);
    }

    [Fact]
    public async Task Status_FilesAreMissing_Is2()
    {
        await MetamapCommand.AssertRefused(2, "The token file cannot be read", "status", "--token-file", TokenFile);
        await MetamapCommand.AssertRefused(2, "cannot be read as the certificate of an authority", "status", "--ca", TokenFile, "--url", "https://127.0.0.1");
    }

    [Fact]
    public async Task Status_UrlOfTheEnvironment_IsUsed()
    {
        string url = MetamapCommand.DeadUrl();
        await MetamapCommand.AssertRefusedIn(new Dictionary<string, string> { ["METAMAP_URL"] = url }, 3, $"No coordinator answers at {url}", "status");
    }

    private static async Task<(MetamapCommand Call, string? Authorization)> Ask(
        int status, string body, Dictionary<string, string> environment, string[] arguments)
    {
        string url = MetamapCommand.DeadUrl();
        using HttpListener server = new();
        server.Prefixes.Add($"{url}/");
        server.Start();
        Task<string?> answered = Answer(server, status, body);
        MetamapCommand call = await MetamapCommand.RunIn(environment, [.. arguments, "--url", url]);
        return (call, await answered);
    }

    private static async Task<string?> Answer(HttpListener server, int status, string body)
    {
        HttpListenerContext context = await server.GetContextAsync();
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
        context.Response.Close();
        return context.Request.Headers["Authorization"];
    }
}
