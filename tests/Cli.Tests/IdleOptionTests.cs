using MetaMap.Core.Options;
using MetaMap.Data.Glyphs;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Cli.Tests;

/// <summary>Options that would do nothing beside others are refused: exit code 2 and one sentence.</summary>
public sealed class IdleOptionTests
{
    [Theory]
    [InlineData("--file", "m.safetensors")]
    [InlineData("--data", "d")]
    [InlineData("--queries", "3")]
    [InlineData("--per-step")]
    [InlineData("--confusion", "0")]
    [InlineData("--threads", "2")]
    [InlineData("--device", "cpu")]
    [InlineData("--libtorch", "d")]
    public Task Evaluate_OnCluster_ComputesNothingHere(string option, params string[] value) => AssertRefused(
        "--on-cluster", "the coordinator's workers evaluate its live run on the run's own kind of episodes, in figures only", option, ["evaluate", "--on-cluster", option, .. value]);

    [Theory]
    [InlineData("--run", "x")]
    [InlineData("--url", "http://127.0.0.1:1")]
    [InlineData("--ca", "ca.pem")]
    [InlineData("--token-file", "t")]
    public Task Evaluate_File_AsksNoCoordinator(string option, string value) => AssertRefused(
        "--file", "the model is read from that file and no coordinator is asked", option, "evaluate", "--file", "m.safetensors", option, value);

    [Theory]
    [InlineData("--version", "3")]
    [InlineData("--out", "x.safetensors")]
    public Task Model_File_IsDescribed(string option, string value) => AssertRefused(
        "--file", "that file is described", option, "model", "--file", "m.safetensors", option, value);

    [Theory]
    [InlineData("--url", "http://127.0.0.1:1")]
    [InlineData("--ca", "ca.pem")]
    [InlineData("--token-file", "t")]
    public Task Health_Worker_AsksNoCoordinator(string option, string value) => AssertRefused(
        "--worker", "a file on this machine is read and no coordinator is asked", option, "health", option, value, "--worker", "f");

    [Theory]
    [InlineData("--data", "d")]
    [InlineData("--export", "e.safetensors")]
    public Task Gradient_Model_ReadsNoRun(string option, string value) => AssertRefused(
        "--model", "the episode is read from a file, not from a run", option, "gradient", "--model", "m.safetensors", "--episode", "e", option, value);

    [Theory]
    [InlineData("--name", "x")]
    [InlineData("--config", "c.json")]
    [InlineData("--ways", "2")]
    [InlineData("--iterations", "9")]
    public Task Coordinator_NoRun_HasNoRunOptions(string option, string value) => AssertRefused(
        "--no-run", "no run is started", option, "coordinator", "--no-run", option, value);

    [Theory]
    [InlineData("train")]
    [InlineData("worker")]
    [InlineData("evaluate", "--file", "m.safetensors")]
    public Task Device_Gpus_HaveNoThreads(params string[] command) => AssertRefused(
        "--device cuda:0", "each GPU is one lane", "--threads", [.. command, "--device", "cuda:0", "--threads", "2"]);

    [Fact]
    public Task Several_AreNamedTogether() => MetamapCommand.AssertRefused(
        2, "so --name, --ways and --config would do nothing; leave out either --no-run or --name, --ways and --config.",
        "coordinator", "--ways", "2", "--no-run", "--config", "c.json", "--name", "x");

    [Theory]
    [InlineData("train")]
    [InlineData("bench")]
    [InlineData("train", "--dataset", "sinusoid", "--shots", "5")]
    public Task Data_DatasetOfNoFiles_IsRefused(params string[] command) =>
        MetamapCommand.AssertRefused(2, "reads no files, so --data d would do nothing", [.. command, "--data", "d"]);

    [Theory]
    [InlineData("--validation-episodes says how long a measurement", "train", "--validation-episodes", "9")]
    [InlineData("--validation-episodes says how long a measurement", "run", "start", "--validation-episodes", "9")]
    [InlineData("--ca checks the certificate of an https:// address, but http://127.0.0.1:1 shows none", "status", "--ca", "ca.pem", "--url", "http://127.0.0.1:1")]
    [InlineData("'--eval-inner-steps'", "gradient", "--model", "m", "--episode", "e", "--eval-inner-steps", "2")]
    [InlineData("--min-workers is 2, but there would be only 1 worker,", "train", "--min-workers", "2")]
    public Task Option_ThatNeedsAnother_IsRefused(string reason, params string[] arguments) => MetamapCommand.AssertRefused(2, reason, arguments);

    [Theory]
    [InlineData("--per-step")]
    [InlineData("--eval-inner-steps", "3")]
    public async Task Evaluate_AlgorithmWithoutInnerSteps_TakesNone(params string[] option)
    {
        using TemporaryDirectory folder = new();
        RunOptions options = OptionValues.Of(("algorithm", "protonet"), ("filters", 2)).Resolve();
        MetaTraining training = new("run", options, new GlyphDataset().Catalog);
        await File.WriteAllBytesAsync(folder["m.safetensors"], ModelFile.Of("run", options, training.Shape, training.Data, training.Begin(), isFinal: false).ToSafetensors());
        await MetamapCommand.AssertRefused(2, $"protonet has no inner steps, so {option[0]} would do nothing", ["evaluate", "--file", folder["m.safetensors"], .. option]);
    }

    /// <summary>A switch that is off rules nothing out.</summary>
    [Fact]
    public Task Evaluate_OnClusterOff_ReadsTheFile() =>
        MetamapCommand.AssertRefused(4, "no-such-model", "evaluate", "--on-cluster", "false", "--file", "no-such-model", "--threads", "1");

    private static Task AssertRefused(string cause, string because, string option, params string[] arguments) => MetamapCommand.AssertRefused(
        2, $"With {cause} {because}, so {option} would do nothing; leave out either {cause} or {option}.", arguments);
}
