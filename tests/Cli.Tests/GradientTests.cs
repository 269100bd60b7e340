using System.Security.Cryptography;
using System.Text.Json;
using MetaMap.Core.Options;
using MetaMap.Core.Safetensors;
using MetaMap.Data.Glyphs;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Cli.Tests;

/// <summary><c>metamap gradient</c> of a run's episode, and of the file that it exports.</summary>
public sealed class GradientTests : IDisposable
{
    private static readonly RunOptions _options = OptionValues.Of(("ways", 2), ("filters", 2)).Resolve();

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Gradient_OfARunAndOfTheFileItExports_AreTheSame()
    {
        RunDirectory run = StoredRun(0, 1, 2, 3, 4, 5);
        JsonElement replayed = await Gradient(
            "--run", run.Path, "--iteration", "5", "--episode", "3", "--export", _folder["e.safetensors"], "--out", _folder["g1.safetensors"]);
        JsonElement read = await Gradient(
            "--model", run.ModelPath, "--iteration", "5", "--episode", _folder["e.safetensors"], "--out", _folder["g2.safetensors"]);
        Assert.Equal("gradient", read.GetProperty("event").GetString());
        Assert.Equal(replayed.GetProperty("query_loss").GetDouble(), read.GetProperty("query_loss").GetDouble());
        SafetensorsContent first = SafetensorsReader.ReadFile(_folder["g1.safetensors"]);
        SafetensorsContent second = SafetensorsReader.ReadFile(_folder["g2.safetensors"]);
        Assert.Equal(first.Tensors.Select(tensor => tensor.Name), second.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(first.Tensors.SelectMany(tensor => tensor.Bytes.ToArray()), second.Tensors.SelectMany(tensor => tensor.Bytes.ToArray()));
        Assert.Contains("query_loss", second.Metadata.Keys);
        Assert.Contains("query_accuracy", second.Metadata.Keys);

        JsonElement firstOrder = await Gradient(
            "--model", run.ModelPath, "--episode", _folder["e.safetensors"], "--algorithm", "fomaml", "--inner-steps", "2", "--inner-lr", "0.1");
        Assert.Equal("fomaml", firstOrder.GetProperty("algorithm").GetString());
        Assert.NotEqual(read.GetProperty("gradient_norm").GetDouble(), firstOrder.GetProperty("gradient_norm").GetDouble());
    }

    /// <summary>The part that is named on the command line decides what is read: stored options of another part are forgotten, given ones refused.</summary>
    [Fact]
    public async Task Gradient_OtherSolverThanTheModels_TakesItsOwnOptions()
    {
        RunOptions closedForm = OptionValues.Of(("ways", 2), ("filters", 2), ("algorithm", "feature-offset")).Resolve();
        RunDirectory run = StoredRun(closedForm, 0);
        string[] source = ["--run", run.Path, "--iteration", "1", "--episode", "0"];
        double stored = (await Gradient(source)).GetProperty("gradient_norm").GetDouble();
        JsonElement solved = await Gradient([.. source, "--offset-solver", "gradient", "--inner-steps", "3"]);
        Assert.NotEqual(stored, solved.GetProperty("gradient_norm").GetDouble());
        JsonElement ridged = await Gradient([.. source, "--offset-ridge", "2.5"]);
        Assert.NotEqual(stored, ridged.GetProperty("gradient_norm").GetDouble());
        await MetamapCommand.AssertRefused(2, "--offset-ridge", ["gradient", .. source, "--offset-solver", "gradient", "--offset-ridge", "1"]);
    }

    /// <summary>Fresh processes whose memory is filled with other garbage each time (MALLOC_PERTURB_), of networks that wrong kernels had changed.</summary>
    [Theory]
    [Trait("Category", "Slow")]
    [InlineData("maml++", "conv4-stride", 5, 5, 20)]
    [InlineData("maml", "resnet12", 5, 5, 8)]
    [InlineData("maml", "conv4", 5, 5, 20)]
    public async Task Gradient_AgainAndAgainInDirtyMemory_HasTheSameBits(string algorithm, string model, int ways, int shots, int filters)
    {
        RunDirectory run = StoredRun(OptionValues.Of(("algorithm", algorithm), ("model", model), ("ways", ways), ("shots", shots), ("filters", filters)).Resolve(), 0);
        string[] digests = new string[6];
        await Parallel.ForAsync(0, digests.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (i, _) =>
        {
            string output = _folder[$"g{i}.safetensors"];
            MetamapCommand call = await MetamapCommand.RunIn(
                new Dictionary<string, string> { ["MALLOC_PERTURB_"] = $"{1 + i * 50}" },
                "gradient", "--run", run.Path, "--iteration", "1", "--episode", "0", "--out", output);
            Assert.Equal((0, ""), (call.ExitCode, call.Errors));
            digests[i] = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(output, CancellationToken.None)));
        });
        Assert.Single(digests.Distinct());
    }

    [Fact]
    public async Task Gradient_VersionThatIsNotKept_Is4AndSaysWhichAre()
    {
        RunDirectory run = StoredRun(1, 2, 3, 4, 5);
        await MetamapCommand.AssertRefused(4, "it keeps 5, 4, 3, 0", "gradient", "--run", run.Path, "--iteration", "3", "--episode", "0");
    }

    [Fact]
    public async Task Gradient_FileThatIsNoEpisode_Is4()
    {
        RunDirectory run = StoredRun(0);
        await MetamapCommand.AssertRefused(4, "no tensor 'support_inputs'", "gradient", "--model", run.ModelPath, "--episode", run.ModelPath);
        await MetamapCommand.AssertRefused(4, $"The file '{_folder["missing"]}' cannot be read", "gradient", "--model", run.ModelPath, "--episode", _folder["missing"]);
        await MetamapCommand.AssertRefused(4, $"{_folder.Path} is a folder, but a file is wanted.", "gradient", "--model", run.ModelPath, "--episode", _folder.Path);
    }

    [Fact]
    public async Task Gradient_WrongUsage_Is2()
    {
        RunDirectory run = StoredRun(0);
        await MetamapCommand.AssertRefused(2, "needs --episode", "gradient", "--model", run.ModelPath);
        await MetamapCommand.AssertRefused(2, "it is the episode's index, 0 to 15", "gradient", "--run", run.Path, "--iteration", "1", "--episode", "16");
        await MetamapCommand.AssertRefused(
            2, "but they are two files", "gradient", "--run", run.Path, "--iteration", "1", "--episode", "0", "--export", _folder["x"], "--out", _folder["./x"]);
        await MetamapCommand.AssertRefused(2, "begin with 1", "gradient", "--run", run.Path, "--iteration", "0", "--episode", "1");
    }

    /// <summary>An episode of other data is not the one that the run had.</summary>
    [Fact]
    public async Task Gradient_DataHasChangedSinceTheRun_IsRefused()
    {
        RunDirectory run = StoredRun(0);
        ModelFile model = ModelFile.Read(run.ModelPath);
        run.Export(model with { Data = TrainingData.Of(_options, new GlyphDataset().Catalog with { Digest = new string('f', 64) }) }, null);
        await MetamapCommand.AssertRefused(
            4, "Run run was trained on glyphs ffffffff, the data here is ", "gradient", "--run", run.Path, "--iteration", "1", "--episode", "0");
    }

    private static async Task<JsonElement> Gradient(params string[] arguments)
    {
        MetamapCommand call = await MetamapCommand.Run(["gradient", .. arguments, "--json"]);
        Assert.Equal((0, ""), (call.ExitCode, call.Errors));
        return JsonDocument.Parse(call.Output).RootElement;
    }

    private RunDirectory StoredRun(params int[] iterations) => StoredRun(_options, iterations);

    private RunDirectory StoredRun(RunOptions options, params int[] iterations)
    {
        MetaTraining training = new("run", options, new GlyphDataset().Catalog);
        RunDirectory run = new(_folder["run"]);
        run.Create(options);
        foreach (int iteration in iterations)
        {
            MetaState state = training.Begin() with { Iteration = iteration };
            run.Save(state);
            run.Export(new ModelFile("run", iteration, options, training.Shape, state.Parameters), null);
        }

        return run;
    }
}
