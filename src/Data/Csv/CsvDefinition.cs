using System.ComponentModel;
using System.Text.Json.Serialization;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Csv;

/// <summary>Definition of the dataset <c>csv</c>.</summary>
internal sealed class CsvDefinition : IDatasetDefinition
{
    /// <inheritdoc />
    public string Name => CsvDataset.Name;

    /// <inheritdoc />
    public string Summary => "a table of your own, read from a CSV file whose first line names the columns: a task, a target, and inputs (numbers or words)";

    /// <inheritdoc />
    public bool NeedsFolder => true;

    /// <inheritdoc />
    public object Options { get; } = new CsvOptions();

    /// <inheritdoc />
    /// <remarks>The algorithm is for values only, as is the inner rate of those that have one: the best of 0.3, 0.1, 0.03 and 0.01 on validation tasks of exam scores (see docs/LEARNING.md).</remarks>
    public IReadOnlyDictionary<string, object> Advice { get; } = new Dictionary<string, object> { ["algorithm"] = "alpaca", ["model"] = "mlp", ["inner_lr"] = 0.03 };

    /// <inheritdoc />
    public IReadOnlyDictionary<string, object> AdviceFor(object options) =>
        ((CsvOptions)options).Target == CsvOptions.ClassTarget ? new Dictionary<string, object> { ["model"] = "mlp" } : Advice;

    /// <inheritdoc />
    /// <exception cref="ConfigurationException">A column is not named, or the ways do not go with the target.</exception>
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data)
    {
        var csv = (CsvOptions)options;
        string? task = csv.TaskColumn ?? (episode.IsOfExamples ? null : throw new ConfigurationException("Dataset csv needs the name of the column that tells tasks apart; pass --task-column."));
        string target = csv.TargetColumn ?? throw new ConfigurationException("Dataset csv needs the name of the column to predict; pass --target-column.");
        bool predictsClass = csv.Target == CsvOptions.ClassTarget;
        string[] inputs = SeparatedRows.Words(csv.Columns ?? "");
        string[] dropped = SeparatedRows.Words(csv.Drop ?? "");
        return csv.Columns is not null && csv.Drop is not null ? throw new ConfigurationException("--columns names all inputs, so --drop would do nothing; leave one of them out.")
            : csv.Columns is not null && inputs.Length == 0 ? throw new ConfigurationException("--columns names no column; name those that are inputs, separated by commas, or leave it out.")
            : Misplaced(inputs, "--columns", task, target) is { } input ? throw input
            : Misplaced(dropped, "--drop", task, target) is { } drop ? throw drop
            : task == target ? throw new ConfigurationException($"--task-column and --target-column are both {task}; name two columns.")
            : predictsClass && csv.Ways is null && !episode.IsOfExamples ? throw new ConfigurationException("--target class tells labels of a task apart, but --ways is not given; say how many.")
            : !predictsClass && csv.Ways is not null ? throw new ConfigurationException("--ways is given, but --target value predicts numbers and has no ways; leave it out, or pass --target class.")
            : CsvDataset.Open(data!, task, target, predictsClass, csv.Columns is null ? null : inputs, dropped, episode.IsOfExamples);
    }

    /// <inheritdoc />
    public IExampleReader ExampleReader(DatasetOptions options, ModelInputs inputs) => new CsvExamples((CsvOptions)options, inputs);

    private static ConfigurationException? Misplaced(string[] names, string option, string? task, string target) =>
        names.FirstOrDefault(name => name == task || name == target) is { } name
            ? new ConfigurationException($"{option} names {name}, but that is --{(name == task ? "task" : "target")}-column and never an input; leave it out.") : null;
}

/// <summary>Options of <see cref="CsvDefinition"/>.</summary>
internal sealed record CsvOptions : DatasetOptions
{
    internal const string ClassTarget = "class";
    internal const string ValueTarget = "value";

    /// <summary>Classes per episode, with <see cref="Target"/> <c>class</c> only.</summary>
    [Description("Classes per episode."), AtLeast(2)]
    public int? Ways { get; init; }

    /// <summary>Column that tells tasks apart; required, but in supervised training, where it is only no input.</summary>
    [Description("Name of the column that tells tasks apart; not needed with --supervised.")]
    public string? TaskColumn { get; init; }

    /// <summary>Column to predict; required.</summary>
    [Description("Name of the column to predict.")]
    public string? TargetColumn { get; init; }

    /// <summary><c>class</c> (the target is a label) or <c>value</c> (a number).</summary>
    [Description("What the column to predict holds: class (a label) or value (a number)."), OneOf(ClassTarget, ValueTarget)]
    public string Target { get; init; } = ValueTarget;

    /// <summary>Columns that are inputs, separated by commas; null for all that are left.</summary>
    [Description("Names of the columns that are inputs, separated by commas. Default: all others, without those that only tell rows apart.")]
    public string? Columns { get; init; }

    /// <summary>Columns that are not inputs, separated by commas.</summary>
    [Description("Names of columns that are not inputs, separated by commas.")]
    public string? Drop { get; init; }

    /// <inheritdoc />
    [JsonIgnore]
    public override int EpisodeWays => Ways ?? 1;
}
