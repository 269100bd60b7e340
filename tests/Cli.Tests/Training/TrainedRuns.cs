using System.Text.Json;

namespace MetaMap.Cli.Tests.Training;

/// <summary>Small runs of the real command in a folder of the test's own.</summary>
public abstract class TrainedRuns : IDisposable
{
    private protected string Folder { get; } = Directory.CreateTempSubdirectory("metamap-train-").FullName;

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected static string Sentence(MetamapCommand call) => Assert.Single(call.Errors.Split('\n'), line => line.StartsWith("metamap: ", StringComparison.Ordinal));

    private protected Task<JsonElement> Train(params string[] arguments) => Train("run", ["--meta-batch", "2", "--iterations", "2", .. arguments]);

    private protected async Task<JsonElement> Train(string name, string[] arguments)
    {
        MetamapCommand call = await MetamapCommand.Run(
            ["train", "--json", "--block", "1", "--eval-episodes", "3", "--out", Path.Combine(Folder, name), .. arguments]);
        Assert.True(call.ExitCode == 0, call.Errors);
        return JsonSerializer.Deserialize<JsonElement>(call.Output.Trim().Split('\n')[^1]);
    }

    private protected string Write(string name, IEnumerable<string> lines)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllLines(path, lines);
        return path;
    }
}
