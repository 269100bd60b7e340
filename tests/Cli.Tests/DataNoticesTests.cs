using System.Text.Json;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests;

/// <summary>What a call says about data that it does not take as it is.</summary>
public sealed class DataNoticesTests : IDisposable
{
    private const string LeftOut = "metamap: 3 of 13 users have fewer than 5 ratings (3 shots and 2 queries) and are left out";

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_UsersThatAreTooSmall_AreLeftOutAndSaidOnceHereAndInEvaluate()
    {
        MetamapCommand call = await Train("run", "userId,movieId,rating", (user, item, rating) => $"{user},{item},{rating}");
        Assert.Equal(LeftOut, Assert.Single(call.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        // The same users are left out as in training, whatever is asked for here: otherwise the split would be another one.
        MetamapCommand measured = await MetamapCommand.Run(
            "evaluate", "--file", _folder["run/model.safetensors"], "--data", _folder["run.csv"], "--queries", "3", "--episodes", "4");
        Assert.Equal((0, LeftOut), (measured.ExitCode, measured.Errors.Trim()));
    }

    [Fact]
    public async Task Train_RatingsWithColumnsInAnotherOrder_IsTheSameModel()
    {
        string[] models =
        [
            ModelOf(await Train("a", "userId,movieId,rating", (user, item, rating) => $"{user},{item},{rating}")),
            ModelOf(await Train("b", "movieId,userId,rating", (user, item, rating) => $"{item},{user},{rating}")),
            ModelOf(await Train("c", "userId,rating,movieId", (user, item, rating) => $"{user},{rating},{item}")),
        ];
        Assert.Single(models.Distinct());
    }

    [Fact]
    public Task Train_HeaderInEachFileOfTexts_IsNoClass()
    {
        foreach (int part in (int[])[0, 1])
        {
            File.WriteAllLines(_folder[$"part{part}.tsv"], ["label\ttext", .. from label in Enumerable.Range(0, 5) from i in Enumerable.Range(0, 2) select $"l{label}\ttext {part} {i} of {label}"]);
        }

        // Five classes, so that the sixth part of six would be another test class.
        return MetamapCommand.AssertRefused(
            4, "(it has 3 training, 1 validation and 1 test classes)", "train", "--dataset", "text", "--data", _folder.Path, "--ways", "2", "--shots", "2", "--queries", "2");
    }

    private async Task<MetamapCommand> Train(string name, string header, Func<int, int, double, string> row)
    {
        IEnumerable<string> rows =
            from user in Enumerable.Range(0, 13)
            from i in Enumerable.Range(0, user < 3 ? 4 : 6)
            select row(100 + user, 200 + ((user + i) % 8), 1 + (i % 5 * 0.5));
        await File.WriteAllLinesAsync(_folder[$"{name}.csv"], [header, .. rows]);
        MetamapCommand call = await MetamapCommand.Run(
            "train", "--json", "--dataset", "ratings", "--data", _folder[$"{name}.csv"], "--shots", "3", "--queries", "2", "--hidden", "8",
            "--meta-batch", "2", "--block", "1", "--iterations", "2", "--eval-episodes", "3", "--http-port", "0", "--out", _folder[name]);
        Assert.True(call.ExitCode == 0, call.Errors);
        return call;
    }

    private static string ModelOf(MetamapCommand call) =>
        JsonSerializer.Deserialize<JsonElement>(call.Output.Trim().Split('\n')[^1]).GetProperty("model_sha256").GetString()!;
}
