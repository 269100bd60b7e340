using System.Collections.Immutable;
using System.IO.Compression;
using MetaMap.Core.Options;
using MetaMap.Core.Safetensors;
using MetaMap.Data.Glyphs;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Cli.Tests;

/// <summary>Data and files that cannot be used: exit code 4 and one sentence.</summary>
public sealed class BadDataTests : IDisposable
{
    private static readonly RunOptions _options = OptionValues.Of(("ways", 2), ("filters", 2)).Resolve();
    private static readonly MetaTraining _training = new("run", _options, new GlyphDataset().Catalog);

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("500 ways need at least 500 (it has", "--ways", "500")]
    [InlineData("ask for fewer shots or queries", "--shots", "100000")]
    [InlineData("ask for fewer shots or queries", "--shots", "2147483647")]
    public Task Train_MoreThanTheDataHas_Is4AndOneSentence(string reason, params string[] options) =>
        MetamapCommand.AssertRefused(4, reason, ["train", .. options]);

    [Fact]
    public Task Train_DamagedImage_Is4AndNamesIt()
    {
        foreach (string name in new[] { "train/a", "train/b", "test/c", "test/d" })
        {
            Directory.CreateDirectory(Path.Combine(_folder.Path, name));
            File.WriteAllText(Path.Combine(_folder.Path, name, "1.pgm"), "P2 2 2 9\n1 2 3 4");
            File.WriteAllText(Path.Combine(_folder.Path, name, "2.pgm"), name == "train/b" ? "P2 2 2 9\n1 2" : "P2 2 2 9\n1 2 3 4");
        }

        return MetamapCommand.AssertRefused(
            4, Path.Combine(_folder.Path, "train", "b", "2.pgm") + " is cut off or damaged",
            "train", "--dataset", "images", "--data", _folder.Path, "--ways", "2", "--queries", "1", "--out", Path.Combine(_folder.Path, "run"));
    }

    [Fact]
    public Task Omniglot_NoSuchFolder_Is4() => Omniglot("no/such/folder", "no/such/folder");

    [Fact]
    public Task Omniglot_EmptyFolder_Is4() => Omniglot(_folder.Path, _folder.Path);

    [Fact]
    public async Task Omniglot_EmptyFiles_Is4()
    {
        await WriteZips([], []);
        await Omniglot(_folder.Path, "images_background.zip");
    }

    [Fact]
    public async Task Omniglot_ZipsWithoutImages_Is4()
    {
        byte[] empty = Zip();
        await WriteZips(empty, empty);
        await Omniglot(_folder.Path, "images_background");
    }

    [Fact]
    public async Task Omniglot_TruncatedZip_Is4()
    {
        byte[] zip = Zip(("images_background/Latin/character01/0001_01.png", new byte[4000]));
        await WriteZips(zip[..(zip.Length / 2)], zip);
        await Omniglot(_folder.Path, "images_background.zip");
    }

    [Fact]
    public async Task Omniglot_FileThatIsNoZip_Is4()
    {
        await WriteZips(new byte[100_000], new byte[100_000]);
        await Omniglot(_folder.Path, "images_background.zip");
    }

    [Fact]
    public Task Evaluate_NoSuchFile_Is4() => MetamapCommand.AssertRefused(4, "no-such-model", "evaluate", "--file", "no-such-model");

    [Fact]
    public Task Evaluate_Folder_Is4() => MetamapCommand.AssertRefused(4, "cannot be read", "evaluate", "--file", _folder.Path);

    [Fact]
    public Task Audit_EmptyJournal_Is4()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "journal.jsonl"), "");
        return MetamapCommand.AssertRefused(4, "journal.jsonl is empty, so it shows nothing.", "run", "audit", _folder.Path);
    }

    [Fact]
    public Task Evaluate_EmptyFile_Is4() => Evaluate([], "is not a usable safetensors file: it has 0 bytes");

    [Fact]
    public Task Evaluate_Text_Is4() => Evaluate("just some text in a file"u8.ToArray(), "is not a usable safetensors file");

    [Fact]
    public Task Evaluate_TruncatedModel_Is4() => Evaluate(Model().ToSafetensors()[..^5], "is not a usable safetensors file");

    [Fact]
    public Task Evaluate_FlippedBit_Is4()
    {
        byte[] file = Model().ToSafetensors();
        file[^1] ^= 1;
        return Evaluate(file, "is damaged");
    }

    [Fact]
    public Task Evaluate_SafetensorsOfSomethingElse_Is4() => Evaluate(
        SafetensorsWriter.Write(new SafetensorsContent([new SafetensorsTensor("w", TensorType.F32, [1], new byte[4])], ImmutableDictionary<string, string>.Empty)),
        "not a MetaMap model");

    [Fact]
    public Task Evaluate_ModelThatDoesNotFitItsOptions_Is4() =>
        Evaluate((Model() with { Options = _options.With(("filters", 3)) }).ToSafetensors(), "does not fit: tensor 'conv1.weight'");

    [Fact]
    public Task Evaluate_CheckpointInsteadOfAModel_Is4() => Evaluate(Checkpoint.Encode(_training.Begin()), "not a MetaMap model");

    [Theory]
    [InlineData("must be 1 or more", "--episodes", "0")]
    [InlineData("must be 1 or more", "--threads", "0")]
    [InlineData("There is no part 'dev'", "--part", "dev")]
    [InlineData("--confusion is -1", "--confusion", "-1")]
    [InlineData("--confusion is 3, but --episodes is 3 and they count from 0", "--episodes", "3", "--confusion", "3")]
    [InlineData("--confusion is 600, but --episodes is 600 and they count from 0", "--confusion", "600")]
    [InlineData("leave out either --on-cluster or --file", "--on-cluster")]
    [InlineData("--eval-inner-steps is -1", "--eval-inner-steps", "-1")]
    [InlineData("--episodes must be 1 or more.", "--episodes", "-1")]
    public async Task Evaluate_GoodModelWithWrongOptions_Is2(string reason, params string[] options)
    {
        await File.WriteAllBytesAsync(_folder["m.safetensors"], Model().ToSafetensors());
        await MetamapCommand.AssertRefused(2, reason, ["evaluate", "--file", _folder["m.safetensors"], .. options]);
    }

    [Fact]
    public async Task Evaluate_PerStepAndConfusion_AreArraysInJsonAndTablesForPeople()
    {
        await File.WriteAllBytesAsync(_folder["m.safetensors"], Model().ToSafetensors());
        string[] arguments = ["evaluate", "--file", _folder["m.safetensors"], "--episodes", "8", "--threads", "1", "--part", "train", "--per-step", "--confusion", "7"];
        MetamapCommand call = await MetamapCommand.Run([.. arguments, "--json"]);
        Assert.Equal((0, ""), (call.ExitCode, call.Errors));
        System.Text.Json.JsonElement result = System.Text.Json.JsonDocument.Parse(call.Output).RootElement;
        Assert.Equal("train", result.GetProperty("part").GetString());
        System.Text.Json.JsonElement[] steps = [.. result.GetProperty("steps").EnumerateArray()];
        Assert.Equal([0, 1, 2, 3], steps.Select(step => step.GetProperty("inner_steps").GetInt32()));
        Assert.Equal(result.GetProperty("test_accuracy").GetDouble(), steps[3].GetProperty("accuracy").GetDouble());
        Assert.True(steps[0].TryGetProperty("loss_inductive", out _));
        System.Text.Json.JsonElement confusion = result.GetProperty("confusion");
        Assert.Equal((7, 2), (confusion.GetProperty("episode").GetInt32(), confusion.GetProperty("classes").GetArrayLength()));
        Assert.Equal(2, confusion.GetProperty("counts").EnumerateArray().Sum(row => row.EnumerateArray().Sum(count => count.GetInt32())));
        Assert.False(result.TryGetProperty("test_mse", out _));

        MetamapCommand plain = await MetamapCommand.Run(arguments);
        Assert.Contains("inner steps\tloss\taccuracy", plain.Output, StringComparison.Ordinal);
        Assert.Contains("episode 7\tas ", plain.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_GoodModel_PrintsItsAccuracyAsJson()
    {
        await File.WriteAllBytesAsync(_folder["m.safetensors"], Model().ToSafetensors());
        MetamapCommand call = await MetamapCommand.Run("evaluate", "--file", _folder["m.safetensors"], "--episodes", "2", "--threads", "1", "--json");
        Assert.Equal((0, ""), (call.ExitCode, call.Errors));
        System.Text.Json.JsonElement result = System.Text.Json.JsonDocument.Parse(call.Output).RootElement;
        Assert.Equal(("evaluated", 2, Model().Parameters.Sha256), (
            result.GetProperty("event").GetString(), result.GetProperty("test_episodes").GetInt32(), result.GetProperty("model_sha256").GetString()));

        Assert.Equal(
            ["gradient-histogram centroid", "pixel centroid"], result.GetProperty("baselines").EnumerateArray().Select(baseline => baseline.GetProperty("name").GetString()));
        Assert.True(result.GetProperty("below_baseline").GetBoolean());
        MetamapCommand text = await MetamapCommand.Run("evaluate", "--file", _folder["m.safetensors"], "--episodes", "2", "--threads", "1");
        Assert.Contains("\nbaselines on the same episodes: gradient-histogram centroid ", text.Output, StringComparison.Ordinal);
        Assert.Contains("\na baseline is better than the model: ", text.Output, StringComparison.Ordinal);

        // Other episodes and steps than the model was trained with.
        MetamapCommand other = await MetamapCommand.Run(
            "evaluate", "--file", _folder["m.safetensors"], "--episodes", "2", "--threads", "1", "--queries", "4", "--inner-steps", "1", "--json");
        System.Text.Json.JsonElement changed = System.Text.Json.JsonDocument.Parse(other.Output).RootElement;
        Assert.Equal(1, changed.GetProperty("inner_steps").GetInt32());
        Assert.NotEqual(result.GetProperty("test_loss").GetDouble(), changed.GetProperty("test_loss").GetDouble());
        await MetamapCommand.AssertRefused(2, "queries is 0", "evaluate", "--file", _folder["m.safetensors"], "--queries", "0");
    }

    [Fact]
    public async Task Resume_EveryCheckpointDamaged_Is4()
    {
        RunDirectory run = StoredRun();
        await File.WriteAllTextAsync(_folder["run/checkpoints/00000000.safetensors"], "torn");
        await MetamapCommand.AssertRefused(4, "No checkpoint in", "train", "--resume", run.Path);
    }

    [Fact]
    public async Task Resume_WithOtherOptionsOrAConfiguration_Is2()
    {
        RunDirectory run = StoredRun();
        run.Save(_training.Begin() with { Iteration = 2 });
        await MetamapCommand.AssertRefused(2, "has 2 already", "train", "--resume", run.Path, "--iterations", "1");
        await MetamapCommand.AssertRefused(2, "was trained with other options", "train", "--resume", run.Path + "/", "--inner-lr", "0.123");
        await MetamapCommand.AssertRefused(2, "would not be read", "train", "--resume", run.Path, "--config", run.ConfigPath);
    }

    private static ModelFile Model() => new("run", 0, _options, _training.Shape, _training.Begin().Parameters);

    private static byte[] Zip(params (string Name, byte[] Bytes)[] entries)
    {
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in entries)
            {
                using Stream entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    private static Task Omniglot(string data, string reason) => MetamapCommand.AssertRefused(4, reason, "train", "--dataset", "omniglot", "--data", data);

    private RunDirectory StoredRun()
    {
        RunDirectory run = new(_folder["run"]);
        run.Create(_options);
        run.Save(_training.Begin());
        run.Export(Model(), null);
        return run;
    }

    private async Task WriteZips(byte[] background, byte[] evaluation)
    {
        await File.WriteAllBytesAsync(_folder["images_background.zip"], background);
        await File.WriteAllBytesAsync(_folder["images_evaluation.zip"], evaluation);
    }

    private async Task Evaluate(byte[] file, string reason)
    {
        await File.WriteAllBytesAsync(_folder["m.safetensors"], file);
        await MetamapCommand.AssertRefused(4, reason, "evaluate", "--file", _folder["m.safetensors"]);
    }
}
