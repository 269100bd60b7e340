using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests;

/// <summary><c>metamap serve</c>: a model file at work in one process.</summary>
public sealed partial class ServeTests
{
    [Fact]
    public async Task Serve_ModelOfTexts_AdaptsToAClientsTextsAndLeavesNothing()
    {
        using TemporaryDirectory folder = new();
        string[] words = ["red", "blue", "green", "small", "round", "old", "new", "fast", "slow", "wide", "cold", "warm", "soft", "loud", "calm", "dark"];
        File.WriteAllLines(folder["texts.tsv"], from label in Enumerable.Range(0, 15) from i in Enumerable.Range(0, 8) select $"{words[label]}\tthe {words[label]} thing number {i} is {words[15]}");
        MetamapCommand trained = await MetamapCommand.Run(
            "train", "--dataset", "text", "--data", folder["texts.tsv"], "--ways", "3", "--shots", "2", "--queries", "2", "--iterations", "2", "--meta-batch", "2", "--buckets", "512",
            "--eval-episodes", "0", "--out", folder["texts"], "--http-port", "0");
        Assert.True(trained.ExitCode == 0, trained.Errors);

        Directory.CreateDirectory(folder["temp"]);
        ProcessStartInfo start = new("dotnet", [Repository.Program, "serve", "--file", folder["texts/model.safetensors"], "--http-port", "0"])
        {
            RedirectStandardError = true, Environment = { ["TMPDIR"] = folder["temp"] },
        };
        using Process serve = Process.Start(start)!;
        try
        {
            Match said = Announcement().Match((await serve.StandardError.ReadLineAsync())!);
            Assert.True(said.Success);
            using HttpClient http = new() { Timeout = TestTime.Limit, BaseAddress = new Uri(said.Groups["url"].Value) };
            (string Label, string Text)[] mine = [("bread", "a loaf of bread"), ("bread", "fresh bread rolls"), ("water", "a glass of water"), ("water", "sparkling water")];
            JsonArray support = [.. mine.Select(one => new JsonObject { ["label"] = one.Label, ["text"] = one.Text })];
            using HttpResponseMessage opened = await http.PostAsJsonAsync("api/runs/texts/adapt", new JsonObject { ["support"] = support });
            Assert.Equal(HttpStatusCode.Created, opened.StatusCode);
            using HttpResponseMessage answer = await http.PostAsJsonAsync($"{opened.Headers.Location}/predict", new JsonObject { ["texts"] = new JsonArray("two loaves of bread, please", "more water") });
            JsonElement predictions = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("predictions");
            Assert.Equal(["bread", "water"], predictions.EnumerateArray().Select(one => one.GetProperty("label").GetString()));
            Assert.Equal(HttpStatusCode.Conflict, (await http.PostAsJsonAsync("api/runs", new JsonObject())).StatusCode);
            Assert.Equal(HttpStatusCode.Conflict, (await http.DeleteAsync("api/runs/texts")).StatusCode);
            using Process kill = Process.Start("kill", ["-TERM", $"{serve.Id}"]);
            using CancellationTokenSource patience = new(TestTime.Limit);
            await serve.WaitForExitAsync(patience.Token);
            Assert.Equal((0, ""), (serve.ExitCode, await serve.StandardError.ReadToEndAsync()));
            Assert.DoesNotContain(Directory.GetDirectories(folder["temp"]), path => Path.GetFileName(path).StartsWith("metamap-serve", StringComparison.Ordinal));
        }
        finally
        {
            serve.Kill();
        }
    }

    [Fact]
    public async Task Serve_NoModel_IsRefusedInOneSentence()
    {
        using TemporaryDirectory folder = new();
        File.WriteAllText(folder["no.safetensors"], "hello");
        await MetamapCommand.AssertRefused(4, "no.safetensors", "serve", "--file", folder["no.safetensors"]);
        await MetamapCommand.AssertRefused(4, "cannot be read", "serve", "--file", folder["nowhere"]);
        await MetamapCommand.AssertRefused(2, "--session-hours is 0, but it must be 1 to", "serve", "--file", folder["no.safetensors"], "--session-hours", "0");
    }

    [GeneratedRegex("^serving texts, iteration 2, at (?<url>http://127.0.0.1:[0-9]+): ")]
    private static partial Regex Announcement();
}
