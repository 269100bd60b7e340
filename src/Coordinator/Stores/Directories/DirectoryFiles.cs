using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MetaMap.Core;
using MetaMap.Core.Algorithms;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Rounds;

namespace MetaMap.Coordinator.Stores.Directories;

/// <summary>The small files of a run's directory: <c>run.json</c> (what is wanted of the run) and <c>owner.json</c> (who owns it).</summary>
internal static class DirectoryFiles
{
    /// <summary>The run of a directory; null when it holds none that can be read.</summary>
    public static StoredRun? Read(RunDirectory directory)
    {
        try
        {
            RunOptions options = directory.ReadOptions();
            RunFile? file = Read<RunFile>(PathOf(directory));
            RunOwner owner = ReadOwner(directory);
            var run = new StoredRun(
                Path.GetFileName(directory.Path), options, file?.Policy ?? RunPolicy.Default, file?.Shape, file?.Phase ?? RunPhase.Stopped,
                file?.IsAttended ?? true, file?.Created ?? File.GetLastWriteTimeUtc(directory.ConfigPath));
            return run with
            {
                Epoch = owner.Epoch, Owner = owner.IsGone ? null : owner.Node, Problem = file?.Problem, Location = directory.Path,
                Iteration = directory.KeptIterations().FirstOrDefault(), Newest = StoredMeasure.Of(directory.LastMetrics()),
            };
        }
        catch (ConfigurationException)
        {
            // No run, or one of another version: nothing that this node could list or train.
            return null;
        }
    }

    public static void Write(RunDirectory directory, StoredRun run) => Write(PathOf(directory), new RunFile(
        run.Phase, run.IsAttended, run.Policy, run.Created, run.Problem, run.Shape?.Input.ToString(), run.Shape?.TargetLength, run.Shape?.TrainingClasses));

    public static RunOwner ReadOwner(RunDirectory directory) => Read<RunOwner>(OwnerPathOf(directory)) ?? RunOwner.None;

    public static void Write(RunDirectory directory, RunOwner owner) => Write(OwnerPathOf(directory), owner);

    private static string PathOf(RunDirectory directory) => Path.Combine(directory.Path, "run.json");

    private static string OwnerPathOf(RunDirectory directory) => Path.Combine(directory.Path, "owner.json");

    private static T? Read<T>(string path) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), RunOptionsJson.Conventions);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException error)
        {
            throw new ConfigurationException($"{path} {RunOptionsJson.Explain(error)}; remove it to begin with its defaults.", error);
        }
    }

    private static void Write<T>(string path, T value) =>
        DurableFile.Write(path, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(value, RunOptionsJson.Conventions) + "\n"));

    private sealed record RunFile(
        [property: JsonConverter(typeof(JsonStringEnumConverter<RunPhase>))] RunPhase Phase, bool IsAttended, RunPolicy Policy, DateTimeOffset Created, string? Problem, string? Input, int? TargetLength, int? TrainingClasses)
    {
        [JsonIgnore]
        public TaskShape? Shape => InputShape.TryParse(Input, out InputShape input) && TargetLength is { } targets && TrainingClasses is { } classes
            ? new TaskShape(input, targets, classes) : null;
    }
}
