using System.ComponentModel;
using System.Text.Json.Serialization;
using MetaMap.Core;
using MetaMap.Core.Options;

namespace MetaMap.Data.Csv;

/// <summary>Definition of the dataset <c>csv</c>.</summary>
internal sealed class CsvDefinition : IDatasetDefinition
{
    /// <inheritdoc />
    public string Name => CsvDataset.Name;

    /// <inheritdoc />
    public string Summary => "a table of your own, read from a CSV file whose first line names the columns: a task, a target, and numbers";

    /// <inheritdoc />
    public bool NeedsFolder => true;

    /// <inheritdoc />
    public object Options { get; } = new CsvOptions();

    /// <inheritdoc />
    /// <remarks>The inner rate, for values only, is the best of 1, 0.1, 0.03, 0.01 and 0.003 on validation tasks of exam scores (see docs/LEARNING.md).</remarks>
    public IReadOnlyDictionary<string, object> Advice { get; } = new Dictionary<string, object> { ["model"] = "mlp", ["inner_lr"] = 0.01 };

    /// <inheritdoc />
    public IReadOnlyDictionary<string, object> AdviceFor(object options) =>
        ((CsvOptions)options).Target == CsvOptions.ClassTarget ? new Dictionary<string, object> { ["model"] = "mlp" } : Advice;

    /// <inheritdoc />
    /// <exception cref="ConfigurationException">A column is not named, or the ways do not go with the target.</exception>
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data)
    {
        var csv = (CsvOptions)options;
        string task = csv.TaskColumn ?? throw new ConfigurationException("Dataset csv needs the name of the column that tells tasks apart; pass --task-column.");
        string target = csv.TargetColumn ?? throw new ConfigurationException("Dataset csv needs the name of the column to predict; pass --target-column.");
        bool predictsClass = csv.Target == CsvOptions.ClassTarget;
        return task == target ? throw new ConfigurationException($"--task-column and --target-column are both {task}; name two columns.")
            : predictsClass && csv.Ways is null ? throw new ConfigurationException("--target class tells labels of a task apart, but --ways is not given; say how many.")
            : !predictsClass && csv.Ways is not null ? throw new ConfigurationException("--ways is given, but --target value predicts numbers and has no ways; leave it out, or pass --target class.")
            : CsvDataset.Open(data!, task, target, predictsClass);
    }
}

/// <summary>Options of <see cref="CsvDefinition"/>.</summary>
internal sealed record CsvOptions : DatasetOptions
{
    internal const string ClassTarget = "class";
    internal const string ValueTarget = "value";

    /// <summary>Classes per episode, with <see cref="Target"/> <c>class</c> only.</summary>
    [Description("Classes per episode."), AtLeast(2)]
    public int? Ways { get; init; }

    /// <summary>Column that tells tasks apart; required.</summary>
    [Description("Name of the column that tells tasks apart.")]
    public string? TaskColumn { get; init; }

    /// <summary>Column to predict; required.</summary>
    [Description("Name of the column to predict.")]
    public string? TargetColumn { get; init; }

    /// <summary><c>class</c> (the target is a label) or <c>value</c> (a number).</summary>
    [Description("What the column to predict holds: class (a label) or value (a number)."), OneOf(ClassTarget, ValueTarget)]
    public string Target { get; init; } = ValueTarget;

    /// <inheritdoc />
    [JsonIgnore]
    public override int EpisodeWays => Ways ?? 1;
}
