using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MetaMap.Cli.Tests.Training;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests;

/// <summary>Training on every kind of data and what becomes of a run that diverges, through the real command.</summary>
public sealed class TrainTests : TrainedRuns
{
    [Fact]
    public async Task Train_Sinusoid_SaysTheSquaredErrorAndNoAccuracy()
    {
        JsonElement finished = await Train("--dataset", "sinusoid", "--shots", "5", "--queries", "5");
        Assert.True(finished.GetProperty("test_mse").GetDouble() > 0);
        Assert.False(finished.TryGetProperty("test_accuracy", out _));
        // A network without batch statistics has one value.
        Assert.False(finished.TryGetProperty("test_mse_inductive", out _));
        MetamapCommand plain = await MetamapCommand.Run("evaluate", "--file", Path.Combine(Folder, "run", "model.safetensors"), "--episodes", "2");
        Assert.Matches(@"^iteration 2 of run run\ntest mean squared error [0-9.]+ \+/- [0-9.E+]+ \(95% interval, 2 episodes of 5-shot on unseen tasks, 3 inner steps\)\nbaselines on the same episodes: linear model and task offset .*\n((a baseline is better than the model|within the intervals the model is no better than a baseline): .*\n)?$", plain.Output);
    }

    /// <summary>However the commits are grouped, every fifth version is among those that stay.</summary>
    [Fact]
    public async Task Train_KeepEvery_KeepsTheseAndTheNewest()
    {
        await Train("run", ["--meta-batch", "2", "--iterations", "12", "--keep-versions", "1", "--keep-every", "5", "--filters", "2"]);
        Assert.Equal(["00000005", "00000010", "00000012"], Directory.GetFiles(Path.Combine(Folder, "run", "checkpoints")).Select(Path.GetFileNameWithoutExtension).Order());
    }

    /// <summary>What a collector receives over HTTP: spans of both nodes, and numbers.</summary>
    [Fact]
    public async Task Train_CollectorIsNamed_GetsSpansOfAllNodes()
    {
        using HttpListener collector = new();
        string url = MetamapCommand.DeadUrl();
        collector.Prefixes.Add(url + "/");
        collector.Start();
        ConcurrentDictionary<string, string> received = new();
        Task listening = Task.Run(async () =>
        {
            while (collector.IsListening)
            {
                HttpListenerContext context = await collector.GetContextAsync();
                using StreamReader body = new(context.Request.InputStream, Encoding.Latin1);
                string text = await body.ReadToEndAsync();
                received.AddOrUpdate(context.Request.RawUrl!, text, (_, before) => before + text);
                context.Response.Close();
            }
        });
        MetamapCommand call = await MetamapCommand.RunIn(
            new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = url, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf" },
            "train", "--iterations", "2", "--meta-batch", "2", "--block", "1", "--filters", "2", "--eval-episodes", "0", "--workers", "1", "--threads", "1", "--out", Path.Combine(Folder, "run"));
        collector.Stop();
        await Assert.ThrowsAnyAsync<Exception>(() => listening);
        Assert.True(call.ExitCode == 0, call.Errors);
        foreach (string part in new[] { "metamap-coordinator", "metamap-worker", "iteration", "reduce", "block", "metamap.outcome" })
        {
            Assert.Contains(part, received["/v1/traces"], StringComparison.Ordinal);
        }

        Assert.Contains("query_loss", received["/v1/metrics"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_Text_Trains()
    {
        string file = Write("texts.tsv", Enumerable.Range(0, 15).SelectMany(label => Enumerable.Range(0, 4).Select(i => $"label{label}\ttext {i} of {label}")));
        JsonElement finished = await Train("--dataset", "text", "--data", file, "--ways", "3", "--algorithm", "maml", "--model", "text-cnn", "--filters", "4", "--text-length", "16");
        Assert.InRange(finished.GetProperty("test_accuracy").GetDouble(), 0, 1);
    }

    [Fact]
    public async Task Train_Ratings_Trains()
    {
        string file = Write("ratings.csv", Enumerable.Range(0, 10).SelectMany(user => Enumerable.Range(0, 6).Select(i => $"u{user},i{(user + i) % 8},{1 + i % 5},{i}")));
        JsonElement finished = await Train("--dataset", "ratings", "--data", file, "--shots", "3", "--queries", "2");
        Assert.True(finished.GetProperty("test_mse").GetDouble() >= 0);
    }

    [Fact]
    public async Task Train_Table_Trains()
    {
        string file = Write("table.csv", ["shop,a,b,sales", .. Enumerable.Range(0, 60).Select(i => $"s{i / 6},{i % 5},{i % 7},{i % 3}")]);
        JsonElement finished = await Train(
            "--dataset", "csv", "--data", file, "--task-column", "shop", "--target-column", "sales", "--target", "value", "--shots", "2");
        Assert.True(finished.GetProperty("test_mse").GetDouble() >= 0);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Train_EachAggregation_TrainsToBitsOfItsOwn()
    {
        string[] small = ["--filters", "4", "--meta-batch", "5", "--iterations", "4"];
        string[][] aggregations = [[], ["mean", "--block-clip", "0.5"], ["median", "--outlier-factor", "1.5"], ["trimmed-mean", "--trim", "0.3"]];
        List<string> models = [];
        foreach (string[] aggregation in aggregations)
        {
            string name = aggregation.FirstOrDefault("plain");
            models.Add((await Train(name, aggregation.Length == 0 ? small : [.. small, "--aggregation", .. aggregation])).GetProperty("model_sha256").GetString()!);
            Assert.Contains(
                $"\"aggregation\": \"{aggregation.FirstOrDefault("mean")}\"", await File.ReadAllTextAsync(Path.Combine(Folder, name, "config.json")), StringComparison.Ordinal);
        }

        Assert.Distinct(models);
        string[] last = [.. small, "--aggregation", .. aggregations[^1], "--workers", "2"];
        Assert.Equal(models[^1], (await Train("again", last)).GetProperty("model_sha256").GetString());
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Train_PoisonedTable_QuarantinesItsEpisodesFinishesAndLeavesThemToBeReplayed()
    {
        string file = Write("table.csv", ["shop,a,b,sales", .. Enumerable.Range(0, 120).Select(i => i / 6 == 7 ? "s7,3e38,-3e38,1e38" : $"s{i / 6},{i % 5},{i % 7},{i % 3}")]);
        JsonElement finished = await Train("run",
        [
            "--dataset", "csv", "--data", file, "--task-column", "shop", "--target-column", "sales", "--target", "value", "--shots", "2",
            "--algorithm", "maml", "--inner-lr", "0.01", "--meta-batch", "8", "--iterations", "12",
        ]);
        Assert.True(double.IsFinite(finished.GetProperty("test_mse").GetDouble()));
        string[] episodes = [.. Directory.GetFiles(Path.Combine(Folder, "run", "quarantine")).Order(StringComparer.Ordinal)];
        int excluded = File.ReadLines(Path.Combine(Folder, "run", "metrics.jsonl"))
            .Sum(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("excluded_episodes").GetInt32());
        Assert.InRange(excluded, 1, 30);
        Assert.Equal(excluded, episodes.Length);
        string gradient = Path.Combine(Folder, "gradient.safetensors");
        MetamapCommand replay = await MetamapCommand.Run(
            "gradient", "--model", Path.Combine(Folder, "run", "model.safetensors"), "--episode", episodes[0], "--json", "--out", gradient);
        Assert.True(replay.ExitCode == 0 && File.Exists(gradient), replay.Errors);
        Assert.Contains("\"is_finite\":false", replay.Output, StringComparison.Ordinal);
        MetamapCommand audit = await MetamapCommand.Run("run", "audit", Path.Combine(Folder, "run"));
        Assert.True(audit.ExitCode == 0, audit.Output + audit.Errors);
    }

    [Fact]
    public async Task Train_NonFiniteLoss_StopsNamesTheEpisodeAndExportsIt()
    {
        string run = Path.Combine(Folder, "run");
        MetamapCommand call = await MetamapCommand.Run(
            "train", "--filters", "4", "--meta-batch", "2", "--block", "1", "--iterations", "3", "--inner-lr", "1e30", "--out", run);
        Assert.Equal(1, call.ExitCode);
        Assert.Contains("diverged at iteration 1: only 0 of 2 episodes count (block 0 of iteration 1 was not finite in any attempt, the first time in episode 0; the last, on worker ", call.Errors, StringComparison.Ordinal);
        Assert.Contains(
            ": NaN or infinity in episode 0); the model of iteration 0 is kept. Convolutions are checked before they are used, so it is the numbers: set --inner-lr 1, the default of such a run, or less instead of 1E+30.",
            call.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", call.Errors, StringComparison.Ordinal);
        string episode = Path.Combine(run, "diverged", "iteration-1-episode-0.safetensors");
        string gradient = Path.Combine(Folder, "gradient.safetensors");
        MetamapCommand replay = await MetamapCommand.Run(
            "gradient", "--model", Path.Combine(run, "model.safetensors"), "--episode", episode, "--inner-lr", "0.1", "--out", gradient);
        Assert.True(replay.ExitCode == 0 && File.Exists(gradient), replay.Errors);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("2")]
    public async Task Train_AnImageIsCutOff_EndsBeforeItBegins(string workers)
    {
        string images = Path.Combine(Folder, "images");
        foreach (string image in new[] { "train/a/0", "train/a/1", "train/b/0", "train/b/1", "test/c/0", "test/c/1", "test/d/0", "test/d/1" })
        {
            string path = Path.Combine(images, image + ".png");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, image == "train/a/0" ? Png()[..^20] : Png());
        }

        MetamapCommand call = await MetamapCommand.Run(
            "train", "--dataset", "images", "--data", images, "--split", "official", "--ways", "2", "--filters", "2", "--iterations", "3",
            "--workers", workers, "--threads", "1", "--http-port", "0", "--out", Path.Combine(Folder, "run"));
        Assert.Equal(4, call.ExitCode);
        Assert.Contains($"metamap: {Path.Combine(images, "train", "a", "0.png")} is cut off or damaged ", call.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", call.Errors, StringComparison.Ordinal);
    }

    /// <summary>One inner step in training does not see what three in the test come to.</summary>
    [Fact]
    public async Task Train_TheTestIsNotFinite_FailsInOneSentence()
    {
        MetamapCommand call = await MetamapCommand.Run(
            "train", "--dataset", "sinusoid", "--shots", "5", "--queries", "5", "--meta-batch", "2", "--block", "1", "--iterations", "1", "--inner-lr", "1",
            "--meta-lr", "100", "--eval-episodes", "5", "--http-port", "0", "--out", Path.Combine(Folder, "run"));
        Assert.Equal(1, call.ExitCode);
        Assert.DoesNotContain("test mean", call.Output, StringComparison.Ordinal);
        Assert.Equal(
            $"metamap: The trained model {Path.Combine(Folder, "run", "model.safetensors")} diverges where it adapts to test episodes: after 3 inner steps the loss is not finite. "
            + "Measure fewer inner steps, or train with a smaller --inner-lr, or with --inner-clip 1.", Sentence(call));
    }

    [Fact]
    public async Task Train_OutIsAFolderOfOtherFiles_IsRefusedAndLeavesItAlone()
    {
        Write("letter.txt", ["dear"]);
        await MetamapCommand.AssertRefused(2, $"{Folder} is no run's directory, but holds other files (letter.txt)", "train", "--out", Folder);
        Assert.Equal("letter.txt", Path.GetFileName(Assert.Single(Directory.GetFileSystemEntries(Folder))));
    }

    /// <summary>What the screen showed stays in the run's directory.</summary>
    [Fact]
    public async Task Train_Done_TestMeasuresAndDigestsStandInTheDirectory()
    {
        string run = Path.Combine(Folder, "run");
        JsonElement finished = await Train("--filters", "2", "--validation-interval", "1", "--validation-episodes", "2");
        JsonElement result = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(Path.Combine(run, "result.json")));
        string file = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(run, "model.safetensors"))));
        Assert.Equal([file, file], new[] { finished, result }.Select(where => where.GetProperty("file_sha256").GetString()));
        string board = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(Path.Combine(run, "tensorboard")))));
        MetamapCommand described = await MetamapCommand.Run("model", "--file", Path.Combine(run, "model.safetensors"));
        string parameters = finished.GetProperty("model_sha256").GetString()!;
        Assert.Matches($"""^.*: iteration \d of run run\n  network +conv4-stride, \d+ parameters\n  trained +maml 5-way 1-shot\n  on +glyphs, digest .*\n  sha256 of its parameters  {parameters}\n  sha256 of the file        {file}\n$""", described.Output);
        Assert.All(["train/query_accuracy", "validation/accuracy", "validation/loss", "test/accuracy", "test/accuracy_inductive", "test/loss"], name => Assert.Contains(name, board, StringComparison.Ordinal));
    }

    private static byte[] Png() => PngFile.Of(16, 16, 1, (row, column, _) => 11 * (17 * row + column + 1));
}
