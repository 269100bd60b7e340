using System.Collections;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;
using Spectre.Console;

namespace MetaMap.Cli.Help;

/// <summary>Help of a command: what it does, examples, its arguments, its options in groups, and the commands below it.</summary>
internal sealed class GroupedHelp : SynchronousCommandLineAction
{
    private const int Columns = 80;
    private const int MostColumns = 110;

    // A longer first column leaves too little for the second; its rows have a line more.
    private const int WidestFirst = 30;

    /// <summary>Help is shown even if the command line has errors.</summary>
    public override bool ClearsParseErrors => true;

    /// <summary>Replaces the help of a command and of those below it.</summary>
    public static void AddTo(Command root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        (help.Description, help.Action) = ("Shows this help.", new GroupedHelp());
    }

    /// <inheritdoc />
    public override int Invoke(ParseResult parseResult)
    {
        Command command = parseResult.CommandResult.Command;
        TextWriter output = parseResult.InvocationConfiguration.Output;
        Write(output, "Description", [("", command.Description!)]);
        Write(output, "Usage", [("", Usage(command))]);
        WriteExamples(output, command);
        Write(output, "Arguments", command.Arguments.Select(argument => ($"<{argument.Name}>", argument.Description ?? "")));
        foreach (IGrouping<string, Option> group in OptionGroups.Of(command))
        {
            Write(output, group.Key, group.Select(option => (Names(option), Text(option))));
        }

        Write(output, "Commands", command.Subcommands.Where(below => !below.Hidden).Select(below => (below.Name, below.Description ?? "")));
        output.WriteLine(command.Parents.Any() ? "Every command has --help, and --settings FILE (`config --help`)." : "`help COMMAND` or COMMAND --help shows its options and examples.");
        return 0;
    }

    private static string PathOf(Command command) => string.Join(' ', command.Parents.OfType<Command>().Select(PathOf).Append(command.Name));

    private static string Usage(Command command) => string.Join(' ',
    [
        PathOf(command), .. command.Arguments.Select(argument => $"<{argument.Name}>"),
        .. command.Subcommands.Count > 0 ? [command.Action is null ? "<command>" : "[command]"] : Array.Empty<string>(), "[options]",
    ]);

    private static string Names(Option option) => string.Join(", ", option.Aliases.Append(option.Name).Distinct().OrderBy(name => name.Length))
        + (option.HelpName is { } name ? $" <{name}>" : "");

    private static string Text(Option option) => $"{option.Description}{(option.Required ? " Required." : "")}{Default(option)}";

    private static string Default(Option option) => !option.HasDefaultValue ? "" : option.GetDefaultValue() switch
    {
        null or false => "",
        IEnumerable values and not string => $" [default: {string.Join(' ', values.Cast<object>())}]",
        var value => string.Create(CultureInfo.InvariantCulture, $" [default: {value}]"),
    };

    private static void WriteExamples(TextWriter output, Command command)
    {
        var examples = Examples.Of(command);
        if (examples.IsEmpty)
        {
            return;
        }

        output.WriteLine("Examples:");
        foreach ((string what, string line) in examples)
        {
            output.WriteLine($"  # {what}\n  {OwnName.Called} {line}");
        }

        output.WriteLine();
    }

    private static void Write(TextWriter output, string title, IEnumerable<(string First, string Second)> rows)
    {
        (string First, string Second)[] all = [.. rows];
        if (all.Length == 0)
        {
            return;
        }

        output.WriteLine($"{title}:");
        int first = Math.Min(WidestFirst, all.Max(row => row.First.Length));
        Grid grid = new();
        if (first > 0)
        {
            grid.AddColumn(new GridColumn().NoWrap().Width(first).Padding(2, 0, 0, 0));
        }

        grid.AddColumn(new GridColumn().Padding(2, 0, 0, 0));
        foreach ((string name, string text) in all)
        {
            _ = first == 0 ? grid.AddRow(new Text(text)) : grid.AddRow(new Text(name), new Text(text));
        }

        using StringWriter drawn = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(drawn), Ansi = AnsiSupport.No });
        console.Profile.Width = Console.IsOutputRedirected || Console.WindowWidth == 0 ? Columns : Math.Min(Console.WindowWidth, MostColumns);
        console.Write(grid);
        foreach (string line in drawn.ToString().Split('\n'))
        {
            output.WriteLine(line.TrimEnd());
        }
    }
}
