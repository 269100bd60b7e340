using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Core.Options;
using MetaMap.Training.Configuration;

namespace MetaMap.Cli.Help;

/// <summary>What help says of a run option.</summary>
internal static class RunOptionHelp
{
    private const int MostReaders = 4;
    private static readonly RunOptions _defaults = new();

    /// <summary>The group that it is listed in.</summary>
    /// <param name="option">The option.</param>
    /// <param name="readers">The parts that read it; none when every run does.</param>
    public static string GroupOf(OptionInfo option, ImmutableArray<IPart> readers) => option.Category ?? (readers.IsEmpty ? "" : PartRegistry.KindOf(readers[0])) switch
    {
        "dataset" => OptionGroups.Data,
        "algorithm" => OptionGroups.Algorithm,
        "model" => OptionGroups.Model,
        "meta_optimizer" or "aggregation" => OptionGroups.OuterLoop,
        _ => OptionGroups.Run,
    };

    /// <summary>What an option does, which parts read it, and its default.</summary>
    /// <param name="option">The option.</param>
    /// <param name="readers">The parts that read it; none when every run does.</param>
    public static string Text(OptionInfo option, ImmutableArray<IPart> readers) => readers.IsEmpty
        ? PartRegistry.NamesOf(option.Key) is { IsEmpty: false } names
            ? $"{option.Help.TrimEnd('.')}: {OneOf(names)}. {Default(option)}" : $"{option.Help} {Default(option)}".TrimEnd()
        : $"{option.Help} {Readers(readers)}{Default(option, readers)}".TrimEnd();

    private static string Default(OptionInfo option)
    {
        string[] advisers =
        [
            .. PartRegistry.Datasets.All.Any(part => part.Advice.ContainsKey(option.Key)) ? ["dataset"] : (string[])[],
            .. PartRegistry.Algorithms.All.Any(part => part.Advice.ContainsKey(option.Key)) ? ["algorithm"] : (string[])[],
        ];
        return option.ValueIn(_defaults) is not { } value ? ""
            : string.Create(CultureInfo.InvariantCulture, $"Default {value}{(advisers.Length > 0 ? $", or the {string.Join("'s or the ", advisers)}'s" : "")}.");
    }

    private static string Default(OptionInfo option, ImmutableArray<IPart> readers)
    {
        object[] defaults = [.. readers.Select(part => part.Options)
            .Select(options => OptionSchema.Of(options.GetType()).Single(own => own.Key == option.Key).ValueIn(options)).OfType<object>().Distinct()];
        return defaults switch
        {
            [] or [false] => "",
            [var one] => string.Create(CultureInfo.InvariantCulture, $"Default {one}."),
            _ => $"The default is the {PartRegistry.KindOf(readers[0]).Replace("meta_optimizer", "optimiser", StringComparison.Ordinal)}'s.",
        };
    }

    private static string Readers(ImmutableArray<IPart> readers) =>
        readers.Length <= MostReaders ? $"Read by {string.Join(", ", readers.Select(part => part.Name))}. " : "";

    private static string OneOf(ImmutableArray<string> names) =>
        names.Length < 2 ? string.Concat(names) : $"{string.Join(", ", names[..^1])} or {names[^1]}";
}
