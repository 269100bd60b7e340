using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using MetaMap.Data;
using MetaMap.Data.Glyphs;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests;

/// <summary>A model of drawn characters, trained for a moment, in the hands of somebody with characters of their own on paper.</summary>
public sealed class AdaptTests(AdaptTests.TrainedModel model) : IClassFixture<AdaptTests.TrainedModel>
{
    private const int Labels = 7;

    [Fact]
    public async Task Adapt_FiveExamplesEachOfUnseenCharacters_LabelsTheOthers()
    {
        MetamapCommand call = await Run("adapt", "--support", model["support"], "--query", model["query"], "--file", model.File, "--json");
        Assert.Equal(0, call.ExitCode);
        JsonElement[] rows = [.. call.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
        Assert.Equal(Labels * 15, rows.Length);
        int right = rows.Count(row => row.GetProperty("file").GetString()!.StartsWith(row.GetProperty("label").GetString() + "/", StringComparison.Ordinal));
        Assert.True(right >= 0.85 * rows.Length, $"{right} of {rows.Length}");
        Assert.Contains($"metamap: {right} of {rows.Length} are labelled as they should be", call.Errors, StringComparison.Ordinal);
        Assert.All(rows, row => Assert.Equal(1, row.GetProperty("probabilities").EnumerateObject().Sum(label => label.Value.GetDouble()), 1e-4));
    }

    [Fact]
    public async Task Adapt_OverHttp_LabelsTheOthersAsTheTerminalDoes()
    {
        using ServedModel serve = await ServedModel.Start(model.File);
        using MultipartFormDataContent support = Form("support", file => Path.GetFileName(Path.GetDirectoryName(file))!);
        using HttpResponseMessage opened = await serve.Http.PostAsync("api/runs/run/adapt", support);
        string[] files = Images("query");
        using MultipartFormDataContent query = Form("query", _ => "images");
        using HttpResponseMessage answer = await serve.Http.PostAsync($"{opened.Headers.Location}/predict", query);
        JsonElement[] predictions = [.. (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("predictions").EnumerateArray()];
        int right = files.Zip(predictions).Count(pair => pair.First.Contains($"/{pair.Second.GetProperty("label").GetString()}/", StringComparison.Ordinal));
        Assert.True(right >= 0.85 * files.Length, $"{right} of {files.Length}");
        MetamapCommand terminal = await Run("adapt", "--support", model["support"], "--query", model["query"], "--file", model.File, "--json");
        Dictionary<string, string> labels = terminal.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .ToDictionary(row => row.GetProperty("file").GetString()!, row => row.GetProperty("label").GetString()!);
        Assert.All(files.Zip(predictions), pair => Assert.Equal(labels[Path.GetRelativePath(model["query"], pair.First)], pair.Second.GetProperty("label").GetString()));
    }

    [Fact]
    public async Task Predict_KeptModel_SaysTheSameWithoutTheExamples()
    {
        string kept = model["adapted.safetensors"];
        MetamapCommand adapted = await Run("adapt", "--support", model["support"], "--query", model["query"], "--file", model.File, "--out", kept, "--csv");
        MetamapCommand predicted = await Run("predict", "--file", kept, "--query", model["query"], "--csv");
        Assert.StartsWith("label,probability,file", adapted.Output, StringComparison.Ordinal);
        Assert.Equal(adapted.Output, predicted.Output);
        MetamapCommand single = await Run("predict", "--file", kept, "--query", model["query/label0/7.pgm"]);
        Assert.Matches(@"^label\tprobability\tfile\nlabel\d\t[0-9.]+\t7\.pgm\n$", single.Output);
    }

    [Fact]
    public async Task Adapt_ThatCannotBe_IsRefusedInOneSentence()
    {
        await MetamapCommand.AssertRefused(4, "does not exist", "adapt", "--support", model["nowhere"], "--query", model["query"], "--file", model.File);
        await MetamapCommand.AssertRefused(4, "expected two or more to tell apart", "adapt", "--support", model["one"], "--query", model["query"], "--file", model.File);
        await MetamapCommand.AssertRefused(4, "has no label", "adapt", "--support", model["support/label0"], "--query", model["query"], "--file", model.File);
        await MetamapCommand.AssertRefused(4, "broken.pgm", "adapt", "--support", model["broken"], "--query", model["query"], "--file", model.File);
        await MetamapCommand.AssertRefused(4, "no adapted model", "predict", "--file", model.File, "--query", model["query"]);
        await MetamapCommand.AssertRefused(2, "adapt needs --query", "adapt", "--support", model["support"], "--file", model.File);
        await MetamapCommand.AssertRefused(2, "choose one", "adapt", "--support", model["support"], "--query", model["query"], "--file", model.File, "--csv", "--json");
        await MetamapCommand.AssertRefused(2, "--inner-steps must be 0 or more", "adapt", "--support", model["support"], "--query", model["query"], "--file", model.File, "--inner-steps", "-1");
        await MetamapCommand.AssertRefused(3, "", "adapt", "--support", model["support"], "--query", model["query"], "--url", MetamapCommand.DeadUrl());
    }

    /// <summary>Labels of things nobody has asked the model about, in one file; the others one a line.</summary>
    [Fact]
    public async Task Adapt_Texts_LabelsTheOthers()
    {
        string[] words = ["red", "blue", "green", "small", "round", "old", "new", "fast", "slow", "wide", "cold", "warm", "soft", "loud", "calm", "dark"];
        File.WriteAllLines(model["texts.tsv"], from label in Enumerable.Range(0, 15) from i in Enumerable.Range(0, 8) select $"{words[label]}\tthe {words[label]} thing number {i} is {words[15]}");
        await Run(
            "train", "--dataset", "text", "--data", model["texts.tsv"], "--ways", "3", "--shots", "2", "--queries", "2", "--iterations", "2", "--meta-batch", "2", "--buckets", "512",
            "--eval-episodes", "0", "--out", model["texts"], "--http-port", "0");
        File.WriteAllLines(model["mine.tsv"], ["bread\ta loaf of bread", "bread\tfresh bread rolls", "water\ta glass of water", "water\tsparkling water"]);
        File.WriteAllLines(model["others.txt"], ["two loaves of bread, please", "more water"]);
        MetamapCommand call = await Run("adapt", "--support", model["mine.tsv"], "--query", model["others.txt"], "--file", model["texts/model.safetensors"], "--csv");
        Assert.Matches("^label,probability,file\r?\nbread,[0-9.]+,\"two loaves of bread, please\"\r?\nwater,[0-9.]+,more water\r?\n$", call.Output);
    }

    /// <summary>Whatever cannot be written is refused before anything is read or computed.</summary>
    [Fact]
    public async Task Adapt_OutThatCannotBeWritten_IsRefusedFirst()
    {
        string folder = Directory.CreateDirectory(model["outputs"]).FullName;
        string pipe = Path.Combine(folder, "pipe");
        using (var make = System.Diagnostics.Process.Start("mkfifo", pipe))
        {
            await make.WaitForExitAsync();
        }

        foreach ((string reason, string path) in new[] { ("no regular file", pipe), ("is a folder", folder), ("does not exist", Path.Combine(folder, "nowhere", "m.safetensors")), ("names no file", ""), ("--json is another option", "--json") })
        {
            await MetamapCommand.AssertRefused(2, reason, "adapt", "--support", model["nowhere"], "--file", model.File, "--out", path);
            await MetamapCommand.AssertRefused(2, reason, "model", "--out", path, "--url", MetamapCommand.DeadUrl());
            await MetamapCommand.AssertRefused(2, reason, "gradient", "--model", model["nowhere"], "--episode", model["nowhere"], "--out", path);
        }

        Assert.Equal([pipe], Directory.GetFileSystemEntries(folder));
        await MetamapCommand.AssertRefused(2, "is the file that --file names", "adapt", "--support", model["support"], "--file", model.File, "--out", Path.Combine(model["run"], ".", "model.safetensors"));
        await MetamapCommand.AssertRefused(2, "is the file that --file names", "export", "--file", model["nowhere"], "--out", model["nowhere"]);
        await MetamapCommand.AssertRefused(2, "--support is empty", "adapt", "--support", "", "--file", model.File, "--out", model["x"]);
        await MetamapCommand.AssertRefused(2, "--query is empty", "adapt", "--support", model["support"], "--file", model.File, "--query", "");
        await MetamapCommand.AssertRefused(2, "it must be 10000 or less", "adapt", "--support", model["support"], "--query", model["query"], "--file", model.File, "--inner-steps", "10001");
        await MetamapCommand.AssertRefused(2, "--csv is another option", "predict", "--file", model.File, "--query", "--csv");
        await MetamapCommand.AssertRefused(2, "--per-step is another option", "evaluate", "--file", "--per-step");
    }

    /// <summary>Rows of a task that nobody has trained on, in the columns of the table by name, without the one to predict.</summary>
    [Fact]
    public async Task Adapt_RowsOfATable_PredictsValuesInTheirUnits()
    {
        File.WriteAllLines(model["table.csv"], ["plant,x,kind,y", .. from plant in Enumerable.Range(0, 20) from i in Enumerable.Range(0, 12) select Line($"p{plant},", 100 + plant, (i * 5 + plant) % 12, i % 2)]);
        await Run(
            "train", "--dataset", "csv", "--data", model["table.csv"], "--task-column", "plant", "--target-column", "y", "--shots", "5", "--queries", "5", "--iterations", "2",
            "--meta-batch", "2", "--eval-episodes", "0", "--out", model["table"], "--http-port", "0");
        string file = model["table/model.safetensors"];
        File.WriteAllLines(model["rows.csv"], ["x,kind,y", .. Enumerable.Range(0, 6).Select(i => Line("", 110, i, i % 2))]);
        File.WriteAllLines(model["asked.csv"], ["kind,x", "red,4.5", "blue,10"]);
        MetamapCommand adapted = await Run("adapt", "--support", model["rows.csv"], "--query", model["asked.csv"], "--file", file, "--out", model["table.safetensors"], "--json");
        double[] values = [.. adapted.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("value").GetDouble())];
        Assert.Equal(110 + 9, values[0], 5.0);
        Assert.True(values[1] - values[0] > 9, $"{values[0]} and {values[1]}");
        MetamapCommand kept = await Run("predict", "--file", model["table.safetensors"], "--query", model["asked.csv"], "--json");
        Assert.Equal(adapted.Output, kept.Output);
        MetamapCommand known = await Run("predict", "--file", model["table.safetensors"], "--query", model["rows.csv"], "--csv");
        Assert.StartsWith("name,value", known.Output, StringComparison.Ordinal);
        Assert.Contains("6 values are known", known.Errors, StringComparison.Ordinal);
        File.WriteAllLines(model["lacking.csv"], ["x,z", "1,2"]);
        await MetamapCommand.AssertRefused(4, "has no column kind, only x, z", "predict", "--file", model["table.safetensors"], "--query", model["lacking.csv"]);
        await MetamapCommand.AssertRefused(4, "no value to predict", "adapt", "--support", model["asked.csv"], "--query", model["asked.csv"], "--file", file);

        static string Line(string before, int level, int x, int kind) =>
            string.Create(CultureInfo.InvariantCulture, $"{before}{x},{(kind == 0 ? "red" : "blue")},{level + 2 * x + 7 * kind}");
    }

    private string[] Images(string folder) => [.. Directory.GetFiles(model[folder], "*.pgm", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private MultipartFormDataContent Form(string folder, Func<string, string> field)
    {
        MultipartFormDataContent form = [];
        foreach (string file in Images(folder))
        {
            form.Add(new ByteArrayContent(File.ReadAllBytes(file)), field(file), Path.GetFileName(file));
        }

        return form;
    }

    private static async Task<MetamapCommand> Run(params string[] arguments)
    {
        MetamapCommand call = await MetamapCommand.Run(arguments);
        Assert.True(call.ExitCode == 0, call.Errors);
        return call;
    }

    /// <summary>The model, and folders of black ink on white paper, three times as large as the characters that it was trained on.</summary>
    public sealed class TrainedModel : IAsyncLifetime, IDisposable
    {
        private readonly TemporaryDirectory _folder = new();

        public string File => this["run/model.safetensors"];

        public string this[string name] => _folder[name];

        public async Task InitializeAsync()
        {
            await Run(
                "train", "--algorithm", "protonet", "--filters", "16", "--queries", "5", "--iterations", "300", "--meta-batch", "8", "--eval-episodes", "0",
                "--out", this["run"], "--http-port", "0");
            GlyphDataset glyphs = new();
            int[] unseen = [.. ClassSplitter.Split(glyphs.Catalog, ClassSplitter.Seeded, 1).Test.Take(Labels)];
            for (int label = 0; label < Labels; label++)
            {
                for (int example = 0; example < GlyphDataset.ExamplesPerClass; example++)
                {
                    Write($"{(example < 5 ? "support" : "query")}/label{label}/{example}.pgm", glyphs.Image(unseen[label], example));
                }
            }

            Write("one/label0/0.pgm", glyphs.Image(unseen[0], 0));
            Write("broken/label0/0.pgm", glyphs.Image(unseen[0], 0));
            Directory.CreateDirectory(this["broken/label1"]);
            await System.IO.File.WriteAllBytesAsync(this["broken/label1/broken.pgm"], "P5 84 84 255\n"u8.ToArray());
        }

        public Task DisposeAsync() => Task.CompletedTask;

        public void Dispose() => _folder.Dispose();

        private void Write(string name, float[] ink)
        {
            const int Scale = 3;
            int side = (int)Math.Sqrt(ink.Length);
            string path = this[name];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            System.IO.File.WriteAllBytes(path,
            [
                .. System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"P5 {Scale * side} {Scale * side} 255\n")),
                .. from row in Enumerable.Range(0, Scale * side) from column in Enumerable.Range(0, Scale * side) select (byte)(255 - 255 * ink[row / Scale * side + column / Scale]),
            ]);
        }
    }
}
