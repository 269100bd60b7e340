using System.Collections.Immutable;
using System.CommandLine;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;

namespace MetaMap.Cli.Configuration;

/// <summary>A command line with what a file and the environment add to it.</summary>
/// <param name="Parsed">All of it, as if it stood on the command line.</param>
/// <param name="Added">What was not on the command line.</param>
internal sealed record ConfiguredParse(ParseResult Parsed, ImmutableArray<ConfiguredValue> Added)
{
    private static readonly Option<string?> _file = new Option<string?>("--settings")
    {
        HelpName = "FILE", Recursive = true,
        Description = $"File with options of commands as JSON, such as {{\"worker\": {{\"threads\": 2}}}}; variables like {SettingVariables.Prefix}Worker__Threads come before it, and the command line before both; default: {SettingVariables.File}.",
    }.Or(SettingVariables.File);

    /// <summary>Adds the option that names the file to all commands.</summary>
    public static void AddTo(Command root) => root.Add(_file);

    /// <summary>Reads a command line.</summary>
    /// <exception cref="Core.ConfigurationException">The file cannot be read, or a key means no option.</exception>
    public static ConfiguredParse Of(Command root, IReadOnlyList<string> arguments)
    {
        ParseResult given = root.Parse(arguments);
        if (given.Action is { ClearsParseErrors: true })
        {
            // Help, whatever is set.
            return new ConfiguredParse(given, []);
        }

        ImmutableArray<ConfiguredValue> added =
        [
            .. All(root, given).Where(value => value.Command == given.CommandResult.Command && given.GetResult(value.Option) is null or { Implicit: true }),
        ];
        return added.IsEmpty ? new ConfiguredParse(given, added) : new ConfiguredParse(root.Parse([.. arguments, .. added.SelectMany(value => value.Arguments)]), added);
    }

    /// <summary>What a file and the environment set, for all commands.</summary>
    public static ImmutableArray<ConfiguredValue> All(Command root, ParseResult given) =>
        Settings.Read(root, given.GetResult(_file)?.Errors.Any() == true ? null : given.GetValueOrVariable(_file));

    /// <summary>What is wrong with the command line, and where that comes from if it does not stand there; null when nothing is.</summary>
    public string? Problem => UsageError.Explain(Parsed) is not { } problem ? null
        : string.Join(' ', Added.Where(value => problem.Contains(value.Option.Name, StringComparison.Ordinal)).Select(value => $"{value.Option.Name} comes from {value.Source}.").Prepend(problem));
}
