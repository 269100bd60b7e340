using MetaMap.Testing;
using MetaMap.Training.Plugins;

namespace MetaMap.Cli.Tests;

/// <summary>The sample plug-in, built and used as its README says, and plug-ins that cannot be loaded.</summary>
public sealed class PluginTests(SamplePlugin sample) : IClassFixture<SamplePlugin>
{
    private const string Variable = "METAMAP_PLUGINS";

    [Fact]
    public async Task Train_WithTheSample_TrainsItsModelByItsAlgorithm()
    {
        using TemporaryDirectory folder = new();
        MetamapCommand call = await MetamapCommand.RunIn(
            Environment(sample.File), "train", "--algorithm", "sign-maml", "--model", "temperature-mlp", "--units", "8", "--iterations", "2",
            "--meta-batch", "2", "--block", "1", "--eval-episodes", "2", "--http-port", "0", "--threads", "1", "--json", "--out", folder["run"]);
        Assert.True(call.ExitCode == 0, call.Errors);
        Assert.Contains("\"model_sha256\"", call.Output, StringComparison.Ordinal);
        string config = await File.ReadAllTextAsync(folder["run/config.json"]);
        Assert.Contains("\"sign-maml\"", config, StringComparison.Ordinal);
        Assert.Contains("\"temperature-mlp\"", config, StringComparison.Ordinal);
        Assert.Contains("\"units\": 8", config, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_WithTheSample_NamesWhatItAdds()
    {
        MetamapCommand call = await MetamapCommand.RunIn(Environment(sample.File), "train", "--help");
        Assert.Contains("sign-maml", call.Output, StringComparison.Ordinal);
        Assert.Contains("temperature-mlp", call.Output, StringComparison.Ordinal);
        Assert.Contains(
            "--units <N> Units of the hidden layer. Read by temperature-mlp. Default 64.",
            string.Join(' ', call.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public Task Train_OptionOfTheSampleOutOfRange_IsRefused() => MetamapCommand.AssertRefusedIn(
        Environment(sample.File), 2, "--units is 0, but it must be 1 or more.", "train", "--model", "temperature-mlp", "--units", "0");

    [Fact]
    public Task Start_SameTwice_IsRefused() => AssertRefused(
        "There are two models with the name 'temperature-mlp'", sample.File + Path.PathSeparator + sample.File);

    [Fact]
    public Task Start_MissingFile_IsRefused() => AssertRefused("There is no plug-in no-such.dll; name the file of an assembly", "no-such.dll");

    /// <summary>Nobody who looks needs them.</summary>
    [Fact]
    public Task Status_MissingFile_IsNoMatter() => MetamapCommand.AssertRefusedIn(Environment("no-such.dll"), 3, "No coordinator answers", "status", "--url", MetamapCommand.DeadUrl());

    [Fact]
    public async Task Start_NoAssembly_IsRefused()
    {
        using TemporaryDirectory folder = new();
        await File.WriteAllTextAsync(folder["text.dll"], "text");
        await AssertRefused("is no .NET assembly that this program can load", folder["text.dll"]);
    }

    [Fact]
    public Task Start_AssemblyWithoutAttribute_IsRefused() => AssertRefused(
        "offers nothing: it has no attribute", Path.Combine(AppContext.BaseDirectory, "MetaMap.Cli.Tests.dll"));

    [Fact]
    public Task Start_OtherVersion_IsRefused()
    {
        string version = typeof(PluginAssembly).Assembly.GetName().Version!.ToString();
        return AssertRefused(
            $"was built against MetaMap.Core 9.8.7.6, but this is version {version}; build it against the assemblies of this program.",
            sample.CopyForOtherVersion());
    }

    private static Task AssertRefused(string reason, string plugins) => MetamapCommand.AssertRefusedIn(Environment(plugins), 2, reason, "train", "--help");

    private static Dictionary<string, string> Environment(string plugins) => new() { [Variable] = plugins };
}
