using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MetaMap.Core;
using MetaMap.Core.Files;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Stores.Directories;

/// <summary>The small files of a run's directory: <c>run.json</c> (the requested state of the run) and <c>owner.json</c> (who owns it).</summary>
internal static class DirectoryFiles
{
    private static readonly ConcurrentDictionary<string, (string Text, RunOptions Options)> _options = new();

    /// <summary>The run in a directory; null when there is none that can be read. With damaged files beside its options, it is a failed one.</summary>
    public static StoredRun? Read(RunDirectory directory)
    {
        try
        {
            return Read(directory, OptionsOf(directory));
        }
        catch (ConfigurationException)
        {
            // No run, or one of another version: nothing that this node could list or train.
            return null;
        }
    }

    /// <summary>For a directory that is no more.</summary>
    public static void Forget(RunDirectory directory) => _options.TryRemove(directory.Path, out _);

    // Options are read from their text once: checking them takes longer than all the rest, and whoever asks for the current model lists all runs.
    private static RunOptions OptionsOf(RunDirectory directory)
    {
        string text = directory.ReadConfig();
        if (_options.TryGetValue(directory.Path, out (string Text, RunOptions Options) known) && known.Text == text)
        {
            return known.Options;
        }

        RunOptions options = directory.ReadOptions(text);
        _options[directory.Path] = (text, options);
        return options;
    }

    private static StoredRun Read(RunDirectory directory, RunOptions options)
    {
        try
        {
            RunFile? file = Read<RunFile>(directory.RunPath);
            RunOwner owner = ReadOwner(directory);
            string? alive = owner.IsGone ? null : owner.Node;
            RunStatus status = file is null ? RunStatus.Stopped : StoredStatus.Read(file.Phase, alive)
                ?? throw new ConfigurationException($"{directory.RunPath} has the unknown phase '{file.Phase}'; remove it to begin with its defaults.");
            var run = new StoredRun(
                Path.GetFileName(directory.Path), options, file?.Policy ?? RunPolicy.Default, file?.Shape, status,
                file?.IsAttended ?? true, file?.Created ?? File.GetLastWriteTimeUtc(directory.ConfigPath));
            return run with
            {
                Data = file?.Data, DataPath = file?.DataPath, Epoch = owner.Epoch, Owner = alive, Problem = file?.Problem, Location = directory.Path,
                Iteration = directory.KeptIterations().FirstOrDefault(), Newest = StoredMeasure.Of(directory.Metrics.Tail()),
            };
        }
        catch (ConfigurationException damaged)
        {
            return new StoredRun(
                Path.GetFileName(directory.Path), options, RunPolicy.Default, null, RunStatus.Failed, IsAttended: true, File.GetLastWriteTimeUtc(directory.ConfigPath))
            {
                Problem = damaged.Message, Location = directory.Path, Iteration = directory.KeptIterations().FirstOrDefault(),
            };
        }
    }

    public static void Write(RunDirectory directory, StoredRun run) => Write(directory.RunPath, new RunFile(
        StoredStatus.Write(run.Status), run.IsAttended, run.Policy, run.Created, run.Problem, run.Shape?.Input.ToString(), run.Shape?.TargetLength, run.Shape?.TrainingClasses, run.Data, run.DataPath));

    public static RunOwner ReadOwner(RunDirectory directory) => Read<RunOwner>(directory.OwnerPath) ?? RunOwner.None;

    public static void Write(RunDirectory directory, RunOwner owner) => Write(directory.OwnerPath, owner);

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
        string Phase, bool IsAttended, RunPolicy Policy, DateTimeOffset Created, string? Problem, string? Input, int? TargetLength, int? TrainingClasses,
        TrainingData? Data, string? DataPath)
    {
        [JsonIgnore]
        public TaskShape? Shape => InputShape.TryParse(Input, out InputShape input) && TargetLength is { } targets && TrainingClasses is { } classes
            ? new TaskShape(input, targets, classes) : null;
    }
}
