using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests;

/// <summary><c>metamap serve</c>: a model file at work in one process.</summary>
public sealed class ServeTests
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
        using ServedModel serve = await ServedModel.Start(folder["texts/model.safetensors"], folder["temp"]);
        (string Label, string Text)[] mine = [("bread", "a loaf of bread"), ("bread", "fresh bread rolls"), ("water", "a glass of water"), ("water", "sparkling water")];
        JsonArray support = [.. mine.Select(one => new JsonObject { ["label"] = one.Label, ["text"] = one.Text })];
        using HttpResponseMessage opened = await serve.Http.PostAsJsonAsync("api/runs/texts/adapt", new JsonObject { ["support"] = support });
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);
        using HttpResponseMessage answer = await serve.Http.PostAsJsonAsync($"{opened.Headers.Location}/predict", new JsonObject { ["texts"] = new JsonArray("two loaves of bread, please", "more water") });
        JsonElement predictions = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("predictions");
        Assert.Equal(["bread", "water"], predictions.EnumerateArray().Select(one => one.GetProperty("label").GetString()));
        Assert.Equal(HttpStatusCode.Conflict, (await serve.Http.PostAsJsonAsync("api/runs", new JsonObject())).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await serve.Http.DeleteAsync("api/runs/texts")).StatusCode);
        Assert.Equal((0, ""), await serve.Stop());
        Assert.DoesNotContain(Directory.GetDirectories(folder["temp"]), path => Path.GetFileName(path).StartsWith("metamap-serve", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Serve_ModelOfATable_PredictsAClientsRows()
    {
        using TemporaryDirectory folder = new();
        File.WriteAllLines(folder["scores.csv"], ["school,hours,score", .. from school in Enumerable.Range(0, 15) from i in Enumerable.Range(0, 10) select $"s{school},{i},{10000 + (1000 * school) + ((100 + school) * i)}"]);
        MetamapCommand trained = await MetamapCommand.Run(
            "train", "--dataset", "csv", "--data", folder["scores.csv"], "--task-column", "school", "--target-column", "score", "--shots", "3", "--queries", "2", "--iterations", "2",
            "--meta-batch", "2", "--eval-episodes", "0", "--out", folder["scores"], "--http-port", "0");
        Assert.True(trained.ExitCode == 0, trained.Errors);
        using ServedModel serve = await ServedModel.Start(folder["scores/model.safetensors"]);
        JsonElement row = (await serve.Http.GetFromJsonAsync<JsonElement>("api/runs/scores/model/info")).GetProperty("row");
        Assert.Equal("""{"columns":["hours"],"target":"score","is_value":true}""", row.GetRawText());
        JsonArray support = [.. (((int Hours, int Score)[])[(1, 20100), (2, 20200), (5, 20500)]).Select(row => new JsonObject { ["row"] = new JsonObject { ["hours"] = row.Hours, ["score"] = row.Score } })];
        using HttpResponseMessage opened = await serve.Http.PostAsJsonAsync("api/runs/scores/adapt", new JsonObject { ["support"] = support });
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);
        using HttpResponseMessage answer = await serve.Http.PostAsJsonAsync($"{opened.Headers.Location}/predict", new JsonObject { ["rows"] = new JsonArray(new JsonObject { ["hours"] = 3 }, new JsonObject { ["hours"] = "4.5" }) });
        double[] values = [.. (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("predictions").EnumerateArray().Select(one => one.GetProperty("value").GetDouble())];

        File.WriteAllLines(folder["mine.csv"], ["hours,score", "1,20100", "2,20200", "5,20500"]);
        File.WriteAllLines(folder["others.csv"], ["hours", "3", "4.5"]);
        MetamapCommand here = await MetamapCommand.Run("adapt", "--file", folder["scores/model.safetensors"], "--support", folder["mine.csv"], "--query", folder["others.csv"], "--json");
        Assert.Equal(here.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("value").GetDouble()), values);
        Assert.True(values[1] > values[0], here.Output);

        support.Add(new JsonObject { ["row"] = new JsonObject { ["score"] = 4 } });
        using HttpResponseMessage refused = await serve.Http.PostAsJsonAsync("api/runs/scores/adapt", new JsonObject { ["support"] = support.DeepClone() });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Matches(@"support\[3\].*hours", await refused.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Serve_NoModel_IsRefusedInOneSentence()
    {
        using TemporaryDirectory folder = new();
        File.WriteAllText(folder["no.safetensors"], "hello");
        await MetamapCommand.AssertRefused(4, "no.safetensors", "serve", "--file", folder["no.safetensors"]);
        await MetamapCommand.AssertRefused(4, "cannot be read", "serve", "--file", folder["nowhere"]);
        await MetamapCommand.AssertRefused(4, @"no\u001b[2J\u000awhere", "serve", "--file", folder["no\u001b[2J\nwhere"]);
        await MetamapCommand.AssertRefused(2, "--session-hours is 0, but it must be 1 to", "serve", "--file", folder["no.safetensors"], "--session-hours", "0");
    }
}
