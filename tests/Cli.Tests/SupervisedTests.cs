using System.Text.Json;

namespace MetaMap.Cli.Tests;

/// <summary>Supervised training and what starts from it, through the real command.</summary>
public sealed class SupervisedTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("metamap-supervised-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Train_Texts_MeasuresEveryTestTextAndSaysSo()
    {
        string file = Texts("texts.tsv", "label");
        string[] options = ["--dataset", "text", "--model", "text-cnn", "--data", file, "--filters", "4", "--text-length", "16", "--batch-size", "7", "--slice", "3", "--epochs", "2"];
        JsonElement finished = await Train("one", ["--supervised", .. options]);
        // A fifth of twelve texts of each of five labels.
        Assert.Equal(10, finished.GetProperty("test_examples").GetInt32());
        Assert.All(["test_episodes", "test_tasks", "test_accuracy_inductive"], name => Assert.False(finished.TryGetProperty(name, out _), name));
        Assert.Equal("n-gram TF-IDF centroid", finished.GetProperty("baselines")[0].GetProperty("name").GetString());
        JsonElement result = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(Path.Combine(_directory, "one", "result.json")));
        Assert.Equal(finished.GetProperty("test_accuracy").GetDouble(), result.GetProperty("test_accuracy").GetDouble());

        JsonElement again = await Train("two", ["--algorithm", "supervised", .. options, "--workers", "2"]);
        Assert.Equal(finished.GetProperty("model_sha256").GetString(), again.GetProperty("model_sha256").GetString());

        MetamapCommand evaluated = await MetamapCommand.Run("evaluate", "--file", Path.Combine(_directory, "one", "model.safetensors"), "--data", file);
        Assert.Matches(@"\ntest accuracy [0-9.]+% \+/- [0-9.]+% \(95% interval, 10 test examples of all classes, supervised\)\nbaselines on the same examples: ", evaluated.Output);
        MetamapCommand trained = await MetamapCommand.Run("evaluate", "--file", Path.Combine(_directory, "one", "model.safetensors"), "--data", file, "--part", "train", "--json");
        Assert.Equal(50, JsonSerializer.Deserialize<JsonElement>(trained.Output).GetProperty("test_examples").GetInt32());
        MetamapCommand other = await MetamapCommand.Run("evaluate", "--file", Path.Combine(_directory, "one", "model.safetensors"), "--data", Texts("own.tsv", "label", 3), "--part", "all", "--json");
        Assert.Equal(15, JsonSerializer.Deserialize<JsonElement>(other.Output).GetProperty("test_examples").GetInt32());
        await MetamapCommand.AssertRefused(2, "so --queries would do nothing", "evaluate", "--file", Path.Combine(_directory, "one", "model.safetensors"), "--data", file, "--queries", "3");
        await MetamapCommand.AssertRefused(4, "which a supervised model that never saw it cannot tell", "evaluate", "--file", Path.Combine(_directory, "one", "model.safetensors"), "--data", Texts("others.tsv", "other"), "--part", "all");
    }

    [Fact]
    public async Task Resume_MoreEpochs_ComesToTheBitsOfOneRun()
    {
        string file = Texts("texts.tsv", "label");
        string[] options = ["--supervised", "--dataset", "text", "--model", "text-cnn", "--data", file, "--filters", "2", "--text-length", "16", "--batch-size", "20", "--validation-interval", "2"];
        JsonElement whole = await Train("whole", [.. options, "--epochs", "3"]);
        await Train("part", [.. options, "--epochs", "1"]);
        MetamapCommand resumed = await MetamapCommand.Run("train", "--resume", Path.Combine(_directory, "part"), "--epochs", "3", "--json", "--http-port", "0");
        Assert.True(resumed.ExitCode == 0, resumed.Errors);
        Assert.Equal(whole.GetProperty("model_sha256").GetString(), Last(resumed).GetProperty("model_sha256").GetString());
        await MetamapCommand.AssertRefused(2, "--epochs is 2, which are ", "train", "--resume", Path.Combine(_directory, "part"), "--epochs", "2");
    }

    [Theory]
    [InlineData("class", "test_accuracy", "centroid of standardised inputs")]
    [InlineData("value", "test_mse", "linear model")]
    public async Task Train_TableWithoutTasks_Trains(string target, string measure, string baseline)
    {
        string file = Write("table.csv", ["a,b,sales", .. Enumerable.Range(0, 60).Select(i => $"{i % 5},{i % 7},{i % 3}")]);
        JsonElement finished = await Train("run", ["--supervised", "--dataset", "csv", "--data", file, "--target-column", "sales", "--target", target, "--batch-size", "16"]);
        Assert.True(finished.GetProperty(measure).GetDouble() >= 0);
        Assert.Equal(12, finished.GetProperty("test_examples").GetInt32());
        Assert.Equal(baseline, finished.GetProperty("baselines")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Train_Ratings_Trains()
    {
        string file = Write("ratings.csv", Enumerable.Range(0, 10).SelectMany(user => Enumerable.Range(0, 6).Select(i => $"u{user},i{(user + i) % 8},{1 + i % 5},{i}")));
        JsonElement finished = await Train("run", ["--supervised", "--dataset", "ratings", "--data", file]);
        Assert.Equal(10, finished.GetProperty("test_examples").GetInt32());
        Assert.Equal("item mean", finished.GetProperty("baselines")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Init_ModelOfOtherData_IsWhereTheRunStarts()
    {
        string[] options = ["--dataset", "text", "--model", "text-cnn", "--filters", "4", "--text-length", "16"];
        await Train("first", ["--supervised", .. options, "--data", Texts("first.tsv", "first")]);
        string model = Path.Combine(_directory, "first", "model.safetensors");
        string[] second = [.. options, "--algorithm", "maml", "--data", Texts("second.tsv", "second", labels: 15), "--ways", "3", "--init", model, "--eval-episodes", "5"];
        MetamapCommand none = await MetamapCommand.Run(["train", "--json", "--http-port", "0", "--meta-batch", "2", "--block", "1", "--out", Path.Combine(_directory, "none"), "--iterations", "0", .. second]);
        Assert.True(none.ExitCode == 0, none.Errors);
        Assert.Contains("metamap: the run starts from parameters ", none.Errors, StringComparison.Ordinal);
        Assert.Contains(", but for head.weight ([3, 12] here, [5, 12] there), head.bias ([3] here, [5] there): drawn by the seed", none.Errors, StringComparison.Ordinal);
        string config = await File.ReadAllTextAsync(Path.Combine(_directory, "none", "config.json"));
        Assert.Contains("\"init_sha256\": \"", config, StringComparison.Ordinal);

        JsonElement whole = await Train("whole", [.. second, "--iterations", "3"]);
        File.Delete(model);
        MetamapCommand resumed = await MetamapCommand.Run("train", "--resume", Path.Combine(_directory, "none"), "--iterations", "3", "--json", "--http-port", "0");
        Assert.True(resumed.ExitCode == 0, resumed.Errors);
        Assert.Equal(whole.GetProperty("model_sha256").GetString(), Last(resumed).GetProperty("model_sha256").GetString());
    }

    [Theory]
    [InlineData("--supervised means --algorithm supervised, but --algorithm is maml", "--supervised", "--algorithm", "maml")]
    [InlineData("--ways is given, but none of glyphs, supervised, cnn", "--supervised", "--ways", "3")]
    [InlineData("--iterations is given, but none of", "--supervised", "--iterations", "3")]
    [InlineData("--epochs is given, but none of", "--epochs", "3")]
    [InlineData("give their file with --init", "--init-sha256", "ab")]
    [InlineData("--resume goes on with the parameters of its run, so --init would not be read", "--resume", "r", "--init", "m.safetensors")]
    public Task Train_WhatDoesNotGoTogether_IsRefused(string reason, params string[] options) => MetamapCommand.AssertRefused(2, reason, ["train", .. options]);

    private string Texts(string name, string label, int each = 12, int labels = 5) => Write(
        name, Enumerable.Range(0, labels).SelectMany(i => Enumerable.Range(0, each).Select(text => $"{label}{i}\ttext {text} of {i}")).Prepend("label\ttext"));

    private string Write(string name, IEnumerable<string> lines)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllLines(path, lines);
        return path;
    }

    private async Task<JsonElement> Train(string name, string[] options)
    {
        string[] few = options.Any(option => option is "--supervised" or "supervised") ? [] : ["--meta-batch", "2", "--block", "1"];
        MetamapCommand call = await MetamapCommand.Run(["train", "--json", "--http-port", "0", "--threads", "1", "--out", Path.Combine(_directory, name), .. few, .. options]);
        Assert.True(call.ExitCode == 0, call.Errors);
        return Last(call);
    }

    private static JsonElement Last(MetamapCommand call) =>
        JsonSerializer.Deserialize<JsonElement>(call.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
}
