using System.Text.Json;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data.Glyphs;
using MetaMap.Core.Safetensors;
using MetaMap.Core.Tests.Checkpoints;
using MetaMap.Core.Training;

namespace MetaMap.Cli.Tests;

/// <summary><c>metamap gradient</c> of a run's episode, and of the file that it exports.</summary>
public sealed class GradientTests : IDisposable
{
    private static readonly RunOptions _options = new RunOptions { Ways = 2, Filters = 2 }.Resolve();
    private static readonly MetaTraining _training = new("run", _options, new GlyphDataset().Catalog);

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
        await MetamapCommand.AssertRefused(4, "cannot be read", "gradient", "--model", run.ModelPath, "--episode", _folder["missing"]);
    }

    [Fact]
    public async Task Gradient_WrongUsage_Is2()
    {
        RunDirectory run = StoredRun(0);
        await MetamapCommand.AssertRefused(2, "needs --episode", "gradient", "--model", run.ModelPath);
        await MetamapCommand.AssertRefused(2, "it is the episode's index, 0 to 15", "gradient", "--run", run.Path, "--iteration", "1", "--episode", "16");
        await MetamapCommand.AssertRefused(2, "begin with 1", "gradient", "--run", run.Path, "--iteration", "0", "--episode", "1");
    }

    private static async Task<JsonElement> Gradient(params string[] arguments)
    {
        MetamapCommand call = await MetamapCommand.Run(["gradient", .. arguments, "--json"]);
        Assert.Equal((0, ""), (call.ExitCode, call.Errors));
        return JsonDocument.Parse(call.Output).RootElement;
    }

    private RunDirectory StoredRun(params int[] iterations)
    {
        RunDirectory run = new(_folder["run"]);
        run.Create(_options);
        foreach (int iteration in iterations)
        {
            MetaState state = _training.Begin() with { Iteration = iteration };
            run.Save(state);
            run.Export(new ModelFile("run", iteration, _options, _training.Shape, state.Parameters), null);
        }

        return run;
    }
}
