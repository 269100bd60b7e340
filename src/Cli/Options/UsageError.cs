using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using MetaMap.Core.Options;

namespace MetaMap.Cli.Options;

/// <summary>One or two sentences about a command line that cannot be read.</summary>
internal static class UsageError
{
    // Of options that more commands have, naming them all helps nobody.
    private const int MostOwners = 3;

    // Commands call the same thing by different names, each right in its place.
    private static readonly string[][] _kin = [["--out", "--runs"], ["--file", "--init", "--model"], ["--url", "--coordinator", "--seeds"], ["--support", "--query", "--data"]];

    /// <summary>What is wrong; null when nothing is.</summary>
    public static string? Explain(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0)
        {
            return null;
        }

        // An error about an unknown word explains more than one about the command that is missing because of it.
        ParseError problem = parsed.Errors.FirstOrDefault(error => parsed.UnmatchedTokens.Any(error.Message.Contains)) ?? parsed.Errors[0];
        string? unknown = parsed.UnmatchedTokens.FirstOrDefault(problem.Message.Contains);
        return OptionChecks.IsRefusal(problem) ? problem.Message
            : $"{(unknown is not null ? Unknown(parsed, unknown) : Missing(parsed) ?? NoNumber(problem) ?? problem.Message)} Run `{PathOf(parsed.CommandResult)} --help` for {(parsed.CommandResult.Command.Subcommands.Count > 0 ? "its commands" : "the options")}.";
    }

    /// <summary>What is wrong with <c>--option=</c>, where the parser would take the next word for its value; null when there is none.</summary>
    public static string? OfEmpty(IEnumerable<string> words) =>
        words.FirstOrDefault(word => word.StartsWith("--", StringComparison.Ordinal) && word.IndexOf('=', StringComparison.Ordinal) == word.Length - 1) is { } empty
            ? $"{empty.TrimEnd('=')} is empty, but it must have a value." : null;

    private static string Unknown(ParseResult parsed, string word)
    {
        string name = word.Split('=', 2)[0];
        Command command = parsed.CommandResult.Command;
        string kind = word.StartsWith('-') ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        string[] owners = [.. Owners(parsed.RootCommandResult.Command, Usual, name)];
        string[] meant = [.. Similar(parsed, word).Where(option => kind != "option" || IsLike(option, name))];
        string? kin = kind == "option" ? _kin.FirstOrDefault(names => names.Contains(name))?.FirstOrDefault(other => command.Options.Any(own => own.Name == other)) : null;
        string advice = kin is not null ? $" Did you mean {kin}?"
            : kind != "option" && owners.Length > 0 ? $" Did you mean {OneOf(owners.Select(owner => $"`{owner} {name}`"))}?"
            : meant.Length > 0 ? $" Did you mean {OneOf(meant)}?"
            : owners.Length is > 0 and <= MostOwners ? $" {OneOf(owners.Select(owner => $"`{owner}`"))} has one." : "";
        return $"`{PathOf(parsed.CommandResult)}` has no {kind} '{name}'.{advice}";
    }

    // Of short options most are near to each other by their letters alone.
    private static bool IsLike(string option, string word) => option.TrimStart('-')[..1] == word.TrimStart('-')[..Math.Min(1, word.TrimStart('-').Length)]
        || option.Contains(word.TrimStart('-'), StringComparison.Ordinal);

    // As the parser would print them: a line that names the word, then one for each that is like it.
    private static IEnumerable<string> Similar(ParseResult parsed, string word)
    {
        using StringWriter said = new();
        using StringWriter unread = new();
        (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error) = (said, unread);
        new ParseErrorAction { ShowHelp = false, ShowTypoCorrections = true }.Invoke(parsed);
        return said.ToString().ReplaceLineEndings("\n").Split('\n')
            .SkipWhile(line => !line.Contains($"'{word}'", StringComparison.Ordinal)).Skip(1).TakeWhile(line => line.Length > 0 && !line.Contains(' ', StringComparison.Ordinal));
    }

    private static IEnumerable<string> Owners(Command command, string path, string word) => command.Subcommands.SelectMany(below => Owners(below, $"{path} {below.Name}", word))
        .Concat(word.StartsWith('-') ? command.Options.Any(option => !option.Hidden && (option.Name == word || option.Aliases.Contains(word))) ? [path] : []
            : command.Subcommands.Any(below => below.Name == word) ? [path] : []);

    // A command that only has others below it, called without one.
    private static string? Missing(ParseResult parsed) => parsed.CommandResult.Command is { Subcommands.Count: > 0, Action: null } command
        ? $"`{PathOf(parsed.CommandResult)}` needs one of its commands: {OneOf(command.Subcommands.Select(below => below.Name))}." : null;

    // The parser would name .NET's type.
    private static string? NoNumber(ParseError problem) =>
        problem.SymbolResult is OptionResult { Option: var option, Tokens: [{ Value: var word }] } && NumberOf(option.ValueType, word) is { } number
            ? $"{option.Name} is {(word.Length == 0 ? "empty" : $"'{word}'")}, but it must be {(word.Length > 0 && word.All(char.IsAsciiDigit) ? "a smaller number" : number)}." : null;

    private static string? NumberOf(Type type, string word) => Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type) switch
    {
        TypeCode.Int32 or TypeCode.Int64 => NumberText.Advice(word) is null || word.Contains('.', StringComparison.Ordinal)
            ? "a whole number" : "a whole number such as 1000, with nothing between thousands",
        TypeCode.Double => NumberText.Advice(word) is null
            ? "a number such as 0.5" : "a number such as 0.5, with a point for decimals and nothing between thousands",
        _ => null,
    };

    private const string Usual = "metamap";

    private static string PathOf(SymbolResult? result) =>
        result is CommandResult { Parent: { } parent } command ? $"{PathOf(parent)} {command.Command.Name}" : Usual;

    private static string OneOf(IEnumerable<string> names) => names.ToArray() is [.. var others, var last] && others.Length > 0 ? $"{string.Join(", ", others)} or {last}" : string.Concat(names);
}
