using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using MetaMap.Core;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Configuration;
using MetaMap.Core.Training;

namespace MetaMap.Coordinator.Runs;

/// <summary>A run's directory in use: opened anew or resumed, with an open metrics file. Owned by one run entity.</summary>
public sealed class RunStorage : IDisposable
{
    private static readonly JsonSerializerOptions _lineConventions = new(RunOptionsJson.Conventions) { WriteIndented = false };

    private readonly FileStream _metrics;

    private RunStorage(RunDirectory directory, MetaState state, ImmutableArray<string> ignored)
    {
        Directory = directory;
        State = state;
        IgnoredCheckpoints = ignored;
        _metrics = new FileStream(directory.MetricsPath, FileMode.Append, FileAccess.Write, FileShare.Read);
    }

    /// <summary>Where the run is stored.</summary>
    public RunDirectory Directory { get; }

    /// <summary>The state to go on from.</summary>
    public MetaState State { get; }

    /// <summary>One sentence per damaged checkpoint that was passed over.</summary>
    public ImmutableArray<string> IgnoredCheckpoints { get; }

    /// <summary>Begins a run in a new directory, or goes on from the newest whole checkpoint of an old one.</summary>
    /// <exception cref="ConfigurationException">The directory holds a run (new), or none or another one (resume).</exception>
    /// <exception cref="DataException">Every checkpoint is damaged.</exception>
    public static RunStorage Open(RunDirectory directory, MetaTraining training, bool resume)
    {
        if (!resume)
        {
            directory.Create(training.Options);
            return new RunStorage(directory, training.Begin(), []);
        }

        RunOptions stored = directory.ReadOptions();
        (MetaState state, ImmutableArray<string> ignored) = FindState(directory, training);
        if (stored != training.Options)
        {
            directory.UpdateOptions(training.Options);
        }

        directory.TrimMetrics(state.Iteration);
        return new RunStorage(directory, state, ignored);
    }

    /// <summary>The state that a run goes on from; changes nothing.</summary>
    /// <exception cref="ConfigurationException">The directory holds no run, or another one.</exception>
    /// <exception cref="DataException">Every checkpoint is damaged.</exception>
    public static (MetaState State, ImmutableArray<string> Ignored) FindState(RunDirectory directory, MetaTraining training)
    {
        RunOptions stored = directory.ReadOptions();
        if (stored with { Iterations = training.Options.Iterations, EvalEpisodes = training.Options.EvalEpisodes } != training.Options)
        {
            throw new ConfigurationException(
                $"{directory.Path} was trained with other options (see {directory.ConfigPath}); only --iterations and --eval-episodes may change on --resume.");
        }

        (MetaState? state, ImmutableArray<string> ignored) = directory.Load(training.Layout);
        if (state is null && !ignored.IsEmpty)
        {
            throw new DataException($"No checkpoint in {directory.Path} is whole: {string.Join(" ", ignored)}");
        }

        return (state ?? training.Begin(), ignored);
    }

    /// <summary>Appends one line to <c>metrics.jsonl</c>.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Append(IterationMetrics metrics) => AppendLine(metrics);

    /// <summary>Appends one line to <c>metrics.jsonl</c>.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Append(ValidationMetrics metrics) => AppendLine(metrics);

    private void AppendLine<T>(T metrics)
    {
        _metrics.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(metrics, _lineConventions) + "\n"));
        _metrics.Flush();
    }

    /// <inheritdoc />
    public void Dispose() => _metrics.Dispose();
}
