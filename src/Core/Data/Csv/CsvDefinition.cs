using System.Collections.Immutable;
using MetaMap.Core.Configuration;

namespace MetaMap.Core.Data.Csv;

/// <summary>The dataset <c>csv</c> by name.</summary>
public sealed class CsvDefinition : IDatasetDefinition
{
    private const string ClassTarget = "class";

    private const string ValueTarget = "value";

    /// <inheritdoc />
    public string Name => CsvDataset.Name;

    /// <inheritdoc />
    public string Summary => "a table of your own, read from a CSV file whose first line names the columns: a task, a target, and numbers";

    /// <inheritdoc />
    public bool NeedsFolder => true;

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } =
    [
        nameof(RunOptions.Split), nameof(RunOptions.Ways), nameof(RunOptions.TaskColumn), nameof(RunOptions.TargetColumn), nameof(RunOptions.Target),
    ];

    /// <inheritdoc />
    /// <remarks>The ways stay open: labels have them, values have none.</remarks>
    public RunOptions Defaults { get; } = new() { Split = ClassSplitter.Seeded, Target = ValueTarget, Model = "mlp" };

    /// <inheritdoc />
    /// <exception cref="ConfigurationException">A column is not named, or the ways do not go with the target.</exception>
    public IEpisodeDataset Open(RunOptions options, string? data)
    {
        string task = options.TaskColumn ?? throw new ConfigurationException("Dataset csv needs the name of the column that tells tasks apart; pass --task-column.");
        string target = options.TargetColumn ?? throw new ConfigurationException("Dataset csv needs the name of the column to predict; pass --target-column.");
        bool predictsClass = options.Target == ClassTarget;
        return task == target ? throw new ConfigurationException($"--task-column and --target-column are both {task}; name two columns.")
            : predictsClass && options.Ways is null ? throw new ConfigurationException("--target class tells labels of a task apart, but --ways is not given; say how many.")
            : !predictsClass && options.Ways is not null ? throw new ConfigurationException("--ways is given, but --target value predicts numbers and has no ways; leave it out, or pass --target class.")
            : CsvDataset.Open(data!, task, target, predictsClass);
    }
}
