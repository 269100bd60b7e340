using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Reflection;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap completion</c>: prints the script by which a shell completes commands, options and names. The script asks the program itself.</summary>
internal static class CompletionCommand
{
    private const string Question = "[suggest:";

    public static Command Create()
    {
        Command command = new("completion", "Prints a script by which bash or zsh complete commands, options and names as you type.");
        foreach (string shell in new[] { "bash", "zsh" })
        {
            Command of = new(shell, $"The script for {shell}.");
            of.Example($"in this shell, or in ~/.{shell}rc for every one", $"completion {shell} > ~/.metamap.{shell}; . ~/.metamap.{shell}");
            of.SetAction(_ =>
            {
                Console.Write(Script(shell));
                return ExitCode.Ok;
            });
            command.Add(of);
        }

        return command;
    }

    /// <summary>Answers a script, which asks as <c>[suggest:POSITION] LINE</c>, the line without the program's name.</summary>
    /// <returns>False when the arguments are no such question.</returns>
    public static bool Answer(Command root, string[] arguments)
    {
        if (arguments is not [var question, var line] || !question.StartsWith(Question, StringComparison.Ordinal)
            || !int.TryParse(question.AsSpan(Question.Length).TrimEnd(']'), NumberStyles.None, CultureInfo.InvariantCulture, out int position))
        {
            return false;
        }

        foreach (string candidate in Candidates(root, line[..Math.Min(position, line.Length)]))
        {
            Console.WriteLine(candidate);
        }

        return true;
    }

    private static IEnumerable<string> Candidates(Command root, string line)
    {
        // The parser completes --option VALUE, and not --option=VALUE.
        string word = line[(line.LastIndexOf(' ') + 1)..];
        if (word.StartsWith("--", StringComparison.Ordinal) && word.IndexOf('=', StringComparison.Ordinal) is > 0 and var sign)
        {
            return Of(root, $"{line[..^word.Length]}{word[..sign]} {word[(sign + 1)..]}").Select(value => $"{word[..(sign + 1)]}{value}");
        }

        // Behind a switch the parser offers true and false, which nobody types, and no other options.
        string path = PathOf(root.Parse(line).CommandResult);
        if (word.StartsWith('-'))
        {
            return Of(root, $"{path} -").Where(option => option.StartsWith(word, StringComparison.Ordinal));
        }

        string[] found = [.. Of(root, line)];
        return found is ["False", "True"] ? Of(root, $"{path} ") : found;
    }

    private static string PathOf(SymbolResult? result) => result is CommandResult { Parent: { } above } command ? $"{PathOf(above)} {command.Command.Name}" : "";

    private static IEnumerable<string> Of(Command root, string line) => root.Parse(line).GetCompletions(line.Length).Select(item => item.InsertText ?? item.Label);

    private static string Script(string shell)
    {
        using StreamReader reader = new(Assembly.GetExecutingAssembly().GetManifestResourceStream($"completion.{shell}")!);
        return reader.ReadToEnd();
    }
}
