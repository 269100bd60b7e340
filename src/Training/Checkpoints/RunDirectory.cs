using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MetaMap.Core;
using MetaMap.Core.Files;
using MetaMap.Core.Parameters;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Training.Checkpoints;

/// <summary>
/// A run's directory and the only place that knows what its files are called: options, model, training states, lines of
/// metrics and journal, episodes that could not be used, and what a store keeps of the run.
/// </summary>
/// <param name="Path">The directory.</param>
public sealed record RunDirectory(string Path)
{
    /// <summary>The options of the run.</summary>
    public string ConfigPath => System.IO.Path.Combine(Path, "config.json");

    /// <summary>The newest stored meta-model.</summary>
    public string ModelPath => System.IO.Path.Combine(Path, "model.safetensors");

    /// <summary>The best version on the validation classes, in runs that measure on them.</summary>
    public string BestPath => System.IO.Path.Combine(Path, "best.safetensors");

    /// <summary>One JSON object per committed iteration, and one per measurement on the validation classes.</summary>
    public string MetricsPath => System.IO.Path.Combine(Path, "metrics.jsonl");

    /// <summary>What happened to blocks and iterations, one JSON object per line; only ever appended to.</summary>
    public string JournalPath => System.IO.Path.Combine(Path, "journal.jsonl");

    /// <summary>What the model achieved on the test classes at the end of `metamap train`, beside its baselines.</summary>
    public string ResultPath => System.IO.Path.Combine(Path, "result.json");

    /// <summary>Where `metamap train` found the data, so that it can go on without being told again.</summary>
    public string DataSourcePath => System.IO.Path.Combine(Path, "data-source");

    /// <summary>The requested state of the run.</summary>
    public string RunPath => System.IO.Path.Combine(Path, "run.json");

    /// <summary>Who owns the run.</summary>
    public string OwnerPath => System.IO.Path.Combine(Path, "owner.json");

    /// <summary>Locked by whoever changes files that belong together.</summary>
    public string LockPath => System.IO.Path.Combine(Path, "lock");

    /// <summary>Episodes of blocks that did not count.</summary>
    public string QuarantinePath => System.IO.Path.Combine(Path, "quarantine");

    /// <summary>The episode that the run ended at.</summary>
    public string DivergedPath => System.IO.Path.Combine(Path, "diverged");

    /// <summary>The measures of each iteration for TensorBoard.</summary>
    public string TensorBoardPath => System.IO.Path.Combine(Path, "tensorboard");

    /// <summary>The lines of <see cref="MetricsPath"/>.</summary>
    public LineFile Metrics => new(MetricsPath);

    /// <summary>The lines of <see cref="JournalPath"/>.</summary>
    public LineFile Journal => new(JournalPath);

    private string CheckpointsPath => System.IO.Path.Combine(Path, "checkpoints");

    /// <summary>Refuses a directory in which no new run may begin. A missing or empty one is free, and so is what a start that was interrupted leaves.</summary>
    /// <exception cref="ConfigurationException">It already holds a run, or other files.</exception>
    public void RequireFree()
    {
        RequireNoRun();
        string[] others = Directory.Exists(Path) ? [.. Directory.GetFileSystemEntries(Path).Where(IsForeign).Select(entry => System.IO.Path.GetFileName(entry)).Order(StringComparer.Ordinal)] : [];
        if (others.Length > 0)
        {
            throw new ConfigurationException(
                $"{Path} is no run's directory, but holds other files ({string.Join(", ", others.Take(3))}{(others.Length > 3 ? ", …" : "")}); give a run a new or an empty folder.");
        }
    }

    /// <summary>Removes the first state that a start has left which was interrupted: the next one may begin with another.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public void ForgetStart()
    {
        RequireFree();
        if (Directory.Exists(CheckpointsPath))
        {
            Directory.Delete(CheckpointsPath, recursive: true);
        }
    }

    /// <summary>Starts a new run in this directory.</summary>
    /// <exception cref="ConfigurationException">The directory already holds a run, or cannot be created.</exception>
    public void Create(RunOptions options)
    {
        RequireNoRun();
        try
        {
            Directory.CreateDirectory(CheckpointsPath);
            UpdateOptions(options);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The run directory {Path} cannot be written: {error.Message}", error);
        }
    }

    /// <summary>The options of the run that this directory holds.</summary>
    /// <exception cref="ConfigurationException">It holds no run.</exception>
    public RunOptions ReadOptions() => ReadOptions(ReadConfig());

    /// <summary>The same, of the text of its config.json.</summary>
    /// <param name="config">From <see cref="ReadConfig"/>.</param>
    /// <exception cref="ConfigurationException">It is no options of a run.</exception>
    public RunOptions ReadOptions(string config) => RunOptionsJson.ReadStored(config, ConfigPath);

    /// <summary>The text of its config.json.</summary>
    /// <exception cref="ConfigurationException">It cannot be read.</exception>
    public string ReadConfig()
    {
        try
        {
            return File.ReadAllText(ConfigPath);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{Path} holds no run that can be resumed: {ConfigPath} cannot be read.", error);
        }
    }

    /// <summary>Replaces the options of the run that this directory holds; a resumed run may change some of them.</summary>
    /// <exception cref="IOException">The write fails; the old options stay.</exception>
    public void UpdateOptions(RunOptions options) =>
        DurableFile.Write(ConfigPath, Encoding.UTF8.GetBytes(RunOptionsJson.Write(options) + "\n"));

    /// <summary>The data of the run, as its model tells; null where there is none yet, or a damaged one.</summary>
    public TrainingData? ReadData()
    {
        try
        {
            return File.Exists(ModelPath) ? ModelFile.Read(ModelPath).Data : null;
        }
        catch (DataException)
        {
            return null;
        }
    }

    /// <summary>Where the data was found; null when nobody has noted it.</summary>
    public string? ReadDataSource() => File.Exists(DataSourcePath) ? File.ReadAllText(DataSourcePath).TrimEnd('\n') : null;

    /// <summary>Notes where the data was found.</summary>
    /// <exception cref="IOException">The write fails.</exception>
    public void WriteDataSource(string path) => DurableFile.Write(DataSourcePath, Encoding.UTF8.GetBytes(path + "\n"));

    /// <summary>Stores the measures of the finished model.</summary>
    /// <exception cref="IOException">The write fails.</exception>
    public void WriteResult<T>(T measures) => DurableFile.Write(ResultPath, JsonSerializer.SerializeToUtf8Bytes(measures, RunOptionsJson.Conventions));

    /// <summary>Makes room for states where somebody has removed it.</summary>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public void Prepare() => Directory.CreateDirectory(CheckpointsPath);

    /// <summary>Stores a state and deletes those that are no longer kept.</summary>
    /// <param name="state">The state.</param>
    /// <param name="kept">Which stay; null for the default.</param>
    /// <exception cref="IOException">The write fails; older checkpoints stay.</exception>
    public void Save(MetaState state, KeptVersions? kept = null)
    {
        DurableFile.Write(CheckpointPath(state.Iteration), Checkpoint.Encode(state));
        foreach (int old in (kept ?? KeptVersions.Default).Dropped(KeptIterations()))
        {
            File.Delete(CheckpointPath(old));
        }
    }

    /// <summary>Stores the model to publish (the newest iteration's, or the best one) and, if there is a selection, the best one.</summary>
    /// <exception cref="IOException">The write fails; the older files stay.</exception>
    public void Export(ModelFile model, ModelSelection? selection)
    {
        if (selection is not null)
        {
            DurableFile.Write(BestPath, (model with { Iteration = selection.BestIteration, Parameters = selection.BestParameters }).ToSafetensors());
        }

        DurableFile.Write(ModelPath, model.ToSafetensors());
    }

    /// <summary>The newest intact checkpoint; damaged ones are skipped and reported.</summary>
    /// <param name="layout">Layout that the state must have.</param>
    /// <returns>The state (null when there is none), and a sentence per checkpoint that was ignored.</returns>
    public (MetaState? State, ImmutableArray<string> Ignored) Load(ParameterLayout layout)
    {
        var ignored = ImmutableArray.CreateBuilder<string>();
        foreach (string path in CheckpointsNewestFirst())
        {
            try
            {
                return (Checkpoint.Decode(File.ReadAllBytes(path), layout, path), ignored.ToImmutable());
            }
            catch (Exception error) when (error is DataException or IOException or UnauthorizedAccessException)
            {
                ignored.Add(error.Message);
            }
        }

        return (null, ignored.ToImmutable());
    }

    /// <summary>The state from which the run continues (null when it starts afresh), and a sentence per damaged one that was skipped.</summary>
    /// <param name="layout">Layout that the state must have.</param>
    /// <exception cref="DataException">Every checkpoint is damaged.</exception>
    public (MetaState? State, ImmutableArray<string> Ignored) Newest(ParameterLayout layout)
    {
        (MetaState? state, ImmutableArray<string> ignored) = Load(layout);
        return state is null && !ignored.IsEmpty
            ? throw new DataException($"No checkpoint in {Path} is whole: {string.Join(" ", ignored)}")
            : (state, ignored);
    }

    /// <summary>The checkpoint of one iteration; null when it is not kept.</summary>
    /// <exception cref="DataException">It is damaged.</exception>
    public MetaState? LoadVersion(int iteration, ParameterLayout layout)
    {
        string path = CheckpointPath(iteration);
        try
        {
            return Checkpoint.Decode(File.ReadAllBytes(path), layout, path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            // Never written, or deleted since.
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"The checkpoint {path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Iterations whose checkpoint is kept, newest first.</summary>
    public ImmutableArray<int> KeptIterations() =>
    [
        .. CheckpointsNewestFirst().Select(path => int.TryParse(
            System.IO.Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out int iteration) ? iteration : -1)
            .Where(iteration => iteration >= 0),
    ];

    /// <summary>Drops metrics of iterations after the one that a run is resumed from, and an incomplete last line.</summary>
    public void TrimMetrics(int lastIteration)
    {
        if (File.Exists(MetricsPath))
        {
            IEnumerable<string> kept = File.ReadLines(MetricsPath).Where(line => IterationOf(line) <= lastIteration);
            DurableFile.Write(MetricsPath, Encoding.UTF8.GetBytes(string.Concat(kept.Select(line => line + "\n").ToArray())));
        }
    }

    /// <summary>The latest iteration of the metrics, 0 without any: trained, but not known to be committed.</summary>
    public int LastMeasured => Metrics.Tail() is [.., var last] && IterationOf(last) is > 0 and < int.MaxValue and var iteration ? iteration : 0;

    /// <summary>Lines of metrics, from those of an iteration on.</summary>
    /// <param name="iteration">The first iteration.</param>
    public IEnumerable<string> MeasuresFrom(int iteration) => Metrics.From(line => IterationOf(line) < iteration);

    private void RequireNoRun()
    {
        if (File.Exists(ConfigPath))
        {
            throw new ConfigurationException($"{Path} already holds a run; go on with --resume {Path} or choose another --out.");
        }
    }

    // What a store writes before the options are there, and hidden files of file managers.
    private bool IsForeign(string entry) => entry == CheckpointsPath
        ? Directory.GetFileSystemEntries(entry).Any(state => !state.StartsWith(CheckpointPath(0), StringComparison.Ordinal))
        : System.IO.Path.GetFileName(entry)[0] != '.' && entry != RunPath && entry != RunPath + DurableFile.TemporarySuffix && entry != ConfigPath + DurableFile.TemporarySuffix;

    private static int IterationOf(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.GetProperty("iteration").GetInt32();
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return int.MaxValue;
        }
    }

    private string CheckpointPath(int iteration) =>
        System.IO.Path.Combine(CheckpointsPath, iteration.ToString("D8", CultureInfo.InvariantCulture) + ".safetensors");

    private IEnumerable<string> CheckpointsNewestFirst() => Directory.Exists(CheckpointsPath)
        ? Directory.GetFiles(CheckpointsPath, "*.safetensors").OrderDescending(StringComparer.Ordinal)
        : [];
}
