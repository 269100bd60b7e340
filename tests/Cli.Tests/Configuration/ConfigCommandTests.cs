using System.Text.Json;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests.Configuration;

/// <summary>Options out of a file and the environment, as <c>metamap config</c> shows them and the commands take them.</summary>
public sealed class ConfigCommandTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    private static Dictionary<string, string> None => [];

    [Fact]
    public async Task Config_FileEnvironmentAndCommandLine_LaterOnesWinAndAreNamed()
    {
        string file = Write("""
            {
              // As people comment.
              "coordinator": { "port": 5001, "httpPort": 9001, "no-run": true, "maxRuns": 3 },
              "worker": { "Threads": 2, },
            }
            """);
        Dictionary<string, string> environment = new()
        {
            ["METAMAP__Coordinator__HttpPort"] = "9002", ["METAMAP__Coordinator__Max_Runs"] = "4", ["METAMAP__Coordinator__Tls"] = "",
            ["METAMAP_STORE"] = "Host=db;Database=m;Username=m;Password=geheim",
        };
        JsonElement[] rows = await Rows(environment, "config", "coordinator", "--max-runs", "5", "--settings", file);
        Assert.Equal(("5001", $"{file}: coordinator.port"), Find(rows, "--port"));
        Assert.Equal(("true", $"{file}: coordinator.noRun"), Find(rows, "--no-run"));
        Assert.Equal(("9002", "METAMAP__Coordinator__HttpPort"), Find(rows, "--http-port"));
        Assert.Equal(("5", "the command line"), Find(rows, "--max-runs"));
        Assert.Equal((null, "default"), Find(rows, "--tls"));
        Assert.Equal(("127.0.0.1", "default"), Find(rows, "--host"));
        (string? store, string from) = Find(rows, "--store");
        Assert.Equal("METAMAP_STORE", from);
        Assert.Contains("=***", store, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", store, StringComparison.Ordinal);
        Assert.Equal(("2", $"{file}: worker.threads"), Find(await Rows(None, "config", "--settings", file), "--threads"));
    }

    [Fact]
    public async Task Command_SetInTheEnvironment_IsAsIfOnTheCommandLine()
    {
        Dictionary<string, string> environment = new() { ["METAMAP__Worker__Coordinator"] = MetamapCommand.DeadUrl()["http://".Length..], ["METAMAP__Worker__JoinTimeout"] = "1" };
        MetamapCommand call = await MetamapCommand.RunIn(environment, "worker", "--threads", "1", "--quiet");
        Assert.Equal(3, call.ExitCode);
        Assert.Contains($"No coordinator at {environment["METAMAP__Worker__Coordinator"]} could be joined within 1 s", call.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_WorkersOfItsOwn_TakeNoSettingsOfOthers()
    {
        Dictionary<string, string> environment = new() { ["METAMAP__Worker__Coordinator"] = "127.0.0.1:9", ["METAMAP__Worker__Grace"] = "-1", ["METAMAP__Train__Iterations"] = "1" };
        MetamapCommand call = await MetamapCommand.RunIn(environment, [
            "train", "--json", "--workers", "1", "--model", "mlp", "--ways", "2", "--meta-batch", "2", "--eval-episodes", "0", "--http-port", "0", "--out", _folder["run"]]);
        Assert.True(call.ExitCode == 0, call.Errors);
        Assert.Contains("\"iteration\":1", call.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("METAMAP__Coordinator__HttpPrt", "1", "METAMAP__Coordinator__HttpPrt sets nothing: `metamap coordinator` has no option '--http-prt'. Did you mean --http-port?")]
    [InlineData("METAMAP__Coordinater__Port", "1", "METAMAP__Coordinater__Port sets nothing: `metamap` has no command 'coordinater'. Did you mean coordinator?")]
    [InlineData("METAMAP__Threads", "1", "METAMAP__Threads sets nothing: `metamap` has no command 'threads'.")]
    [InlineData("METAMAP__Coordinator__HttpPort", "x", "--http-port is 'x', but it must be a whole number. Run `metamap coordinator --help` for the options. --http-port comes from METAMAP__Coordinator__HttpPort.")]
    [InlineData("METAMAP__Coordinator__NoRun", "maybe", "METAMAP__Coordinator__NoRun is 'maybe', but it must be true or false.")]
    [InlineData("METAMAP__Coordinator__MaxRuns", "0", "--max-runs must be 1 or more. --max-runs comes from METAMAP__Coordinator__MaxRuns.")]
    public Task Command_SettingThatMeansNothing_Is2AndNamesIt(string variable, string value, string reason) =>
        MetamapCommand.AssertRefusedIn(new Dictionary<string, string> { [variable] = value }, 2, reason, "coordinator");

    [Theory]
    [InlineData("{", "cannot be read: ")]
    [InlineData("[1]", "They are one JSON object of commands")]
    [InlineData("{\"worker\": {\"threads\": 1, \"Threads\": 2}}", "'worker:Threads' was found")]
    [InlineData("{\"worker\": {\"threats\": 1}}", ": worker.threats sets nothing: `metamap worker` has no option '--threats'. Did you mean --threads?")]
    public Task Command_FileThatCannotBeRead_Is2(string text, string reason) => MetamapCommand.AssertRefused(2, reason, "worker", "--settings", Write(text));

    [Fact]
    public Task Command_NoSuchFile_Is2() => MetamapCommand.AssertRefused(2, "The settings cannot be read: Could not find file", "worker", "--settings", _folder["none.json"]);

    private string Write(string text)
    {
        File.WriteAllText(_folder["settings.json"], text);
        return _folder["settings.json"];
    }

    private static async Task<JsonElement[]> Rows(Dictionary<string, string> environment, params string[] arguments)
    {
        MetamapCommand call = await MetamapCommand.RunIn(environment, [.. arguments, "--json"]);
        Assert.True(call.ExitCode == 0, call.Errors);
        return [.. call.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static (string? Value, string From) Find(JsonElement[] rows, string option)
    {
        JsonElement row = Assert.Single(rows, row => row.GetProperty("option").GetString() == option);
        return (row.TryGetProperty("value", out JsonElement value) ? value.GetString() : null, row.GetProperty("from").GetString()!);
    }
}
