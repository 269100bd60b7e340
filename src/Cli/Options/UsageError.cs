using System.CommandLine;
using System.CommandLine.Parsing;
using MetaMap.Core.Options;

namespace MetaMap.Cli.Options;

/// <summary>One or two sentences about a command line that cannot be read.</summary>
internal static class UsageError
{
    public static string Explain(ParseResult parsed)
    {
        // An error about an unknown word explains more than one about the command that is missing because of it.
        ParseError problem = parsed.Errors.FirstOrDefault(error => parsed.UnmatchedTokens.Any(error.Message.Contains)) ?? parsed.Errors[0];
        return OptionChecks.IsRefusal(problem) ? problem.Message
            : $"{NoNumber(problem) ?? problem.Message} Run `metamap {PathOf(parsed.CommandResult)}--help` for the options.";
    }

    /// <summary>What is wrong with <c>--option=</c>, where the parser would take the next word for its value; null when there is none.</summary>
    public static string? OfEmpty(IEnumerable<string> words) =>
        words.FirstOrDefault(word => word.StartsWith("--", StringComparison.Ordinal) && word.IndexOf('=', StringComparison.Ordinal) == word.Length - 1) is { } empty
            ? $"{empty.TrimEnd('=')} is empty, but it must have a value." : null;

    // The parser would name .NET's type.
    private static string? NoNumber(ParseError problem) =>
        problem.SymbolResult is OptionResult { Option: var option, Tokens: [{ Value: var word }] } && NumberOf(option.ValueType, word) is { } number
            ? $"{option.Name} is '{word}', but it must be {(word.All(char.IsAsciiDigit) ? "a smaller number" : number)}." : null;

    private static string? NumberOf(Type type, string word) => Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type) switch
    {
        TypeCode.Int32 or TypeCode.Int64 => NumberText.Advice(word) is null || word.Contains('.', StringComparison.Ordinal)
            ? "a whole number" : "a whole number such as 1000, with nothing between thousands",
        TypeCode.Double => NumberText.Advice(word) is null
            ? "a number such as 0.5" : "a number such as 0.5, with a point for decimals and nothing between thousands",
        _ => null,
    };

    private static string PathOf(SymbolResult? result) =>
        result is CommandResult { Parent: { } parent } command ? $"{PathOf(parent)}{command.Command.Name} " : "";
}
