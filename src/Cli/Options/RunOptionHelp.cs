using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;
using MetaMap.Core.Options;
using MetaMap.Training.Configuration;
using Spectre.Console;

namespace MetaMap.Cli.Options;

/// <summary>Help for run options: those of every run among the command's own options, then those of parts, kind by kind.</summary>
/// <param name="inner">The help of everything else.</param>
internal sealed class RunOptionHelp(HelpAction inner) : SynchronousCommandLineAction
{
    private const int MostReaders = 4;
    private static readonly RunOptions _defaults = new();

    private static readonly ImmutableArray<(string Title, string[] Kinds)> _groups =
    [
        ("the dataset", ["dataset"]), ("the algorithm", ["algorithm"]), ("the model", ["model"]), ("the outer loop", ["meta_optimizer", "aggregation"]),
    ];

    /// <summary>Replaces the help of a command.</summary>
    public static void AddTo(Command root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new RunOptionHelp((HelpAction)help.Action!);
    }

    /// <summary>What an option does, which parts read it, and its default.</summary>
    /// <param name="option">The option.</param>
    /// <param name="readers">The parts that read it; none when every run does.</param>
    public static string Text(OptionInfo option, ImmutableArray<IPart> readers) => readers.IsEmpty
        ? PartRegistry.NamesOf(option.Key) is { IsEmpty: false } names
            ? $"{option.Help.TrimEnd('.')}: {OneOf(names)}. {Default(option)}" : $"{option.Help} {Default(option)}".TrimEnd()
        : $"{option.Help} {Readers(readers)}{Default(option, readers)}".TrimEnd();

    /// <summary>Help is shown even if the command line has errors.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc />
    public override int Invoke(ParseResult parseResult)
    {
        int code = inner.Invoke(parseResult);
        HashSet<string> offered = [.. parseResult.CommandResult.Command.Options.Where(option => option.Hidden).Select(option => option.Name)];
        TextWriter output = parseResult.InvocationConfiguration.Output;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        foreach ((string title, string[] kinds) in _groups)
        {
            var options = PartRegistry.Options.Where(pair => !pair.Readers.IsEmpty && kinds.Contains(PartRegistry.KindOf(pair.Readers[0])) && offered.Contains(pair.Option.Flag)).ToList();
            if (options.Count == 0)
            {
                continue;
            }

            output.WriteLine($"Options of {title}:");
            Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadLeft(2)).AddColumn(new GridColumn().PadLeft(1));
            foreach ((OptionInfo option, ImmutableArray<IPart> readers) in options)
            {
                grid.AddRow(new Text(option.Flag), new Text(Text(option, readers)));
            }

            console.Write(grid);
            output.WriteLine();
        }

        return code;
    }

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
