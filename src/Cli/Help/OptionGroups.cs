using System.Collections.Immutable;
using System.CommandLine;
using System.Runtime.CompilerServices;

namespace MetaMap.Cli.Help;

/// <summary>The groups that help lists the options of a command in.</summary>
internal static class OptionGroups
{
    /// <summary>What is learned from.</summary>
    public const string Data = "Data";

    /// <summary>The meta-algorithm and its own options.</summary>
    public const string Algorithm = "Algorithm";

    /// <summary>The network.</summary>
    public const string Model = "Model";

    /// <summary>The step of the meta-parameters.</summary>
    public const string OuterLoop = "Outer loop";

    /// <summary>A run as a whole: its name, length, seed, and where it begins.</summary>
    public const string Run = "Run";

    /// <summary>How good a model is.</summary>
    public const string Evaluation = "Evaluation";

    /// <summary>Nodes, and how they find each other.</summary>
    public const string Cluster = "Cluster";

    /// <summary>Where and by how many lanes is computed.</summary>
    public const string Computing = "Computing";

    /// <summary>What is stored and shown.</summary>
    public const string Output = "Output";

    /// <summary>HTTP of a node.</summary>
    public const string Http = "HTTP";

    /// <summary>The coordinator that a client asks.</summary>
    public const string Client = "Coordinator";

    /// <summary>Protection from strangers.</summary>
    public const string Security = "Security";

    private const string Others = "Options";

    private static readonly ImmutableArray<string> _order = [Others, Data, Algorithm, "Inner loop", Model, OuterLoop, Run, Evaluation, Cluster, Computing, Output, Http, Client, Security];

    private static readonly ConditionalWeakTable<Option, string> _groups = [];

    /// <summary>Adds options to a command, in a group.</summary>
    public static void Add(this Command command, string group, params IEnumerable<Option> options)
    {
        foreach (Option option in options)
        {
            option.HelpName ??= NameOf(option.ValueType);
            _groups.AddOrUpdate(option, group);
            command.Add(option);
        }
    }

    /// <summary>The visible options of a command, group by group.</summary>
    public static IEnumerable<IGrouping<string, Option>> Of(Command command) => command.Options.Where(option => !option.Hidden)
        .GroupBy(option => _groups.TryGetValue(option, out string? group) ? group : Others)
        .OrderBy(group => _order.IndexOf(group.Key) is >= 0 and var place ? place : _order.Length);

    // What stands for a value: switches have none.
    private static string? NameOf(Type type) => Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type) switch
    {
        TypeCode.Boolean => null,
        TypeCode.Int32 or TypeCode.Int64 => "N",
        TypeCode.Double => "X",
        _ => "TEXT",
    };
}
