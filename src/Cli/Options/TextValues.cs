using System.CommandLine;

namespace MetaMap.Cli.Options;

/// <summary>Refuses empty values of options that take text, and an option that stands where such a value belongs.</summary>
internal static class TextValues
{
    // Some commands share their options.
    private static readonly HashSet<Option> _checked = [];

    /// <summary>Checks all options of a command and of those below it.</summary>
    public static void CheckIn(Command command)
    {
        foreach (Option option in command.Options.Where(option => (option.ValueType == typeof(string) || option.ValueType == typeof(string[])) && _checked.Add(option)))
        {
            option.Refuse(result => result.Tokens.Select(token => Problem(option.Name, token.Value)).FirstOrDefault(problem => problem is not null));
        }

        foreach (Command below in command.Subcommands)
        {
            CheckIn(below);
        }
    }

    // An --out says itself what it names: a file, or the directory of a run.
    private static string? Problem(string option, string value) => string.IsNullOrWhiteSpace(value) ? option == "--out" ? null : $"{option} is empty, but it must have a value."
        : value.StartsWith("--", StringComparison.Ordinal) ? $"{option} has no value, since {value} is another option; give it one{(value.Length > 2 ? $" (./{value} where a file is called so)" : "")}."
        : null;
}
