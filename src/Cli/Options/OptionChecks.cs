using System.CommandLine;
using System.CommandLine.Parsing;
using MetaMap.Core;

namespace MetaMap.Cli.Options;

/// <summary>
/// Checks of an option or a command, as validators of the parser, so that nothing has started when a value is refused. A
/// check throws a <see cref="ConfigurationException"/>, as the checks of settings do.
/// </summary>
internal static class OptionChecks
{
    private static readonly HashSet<string> _refusals = [];

    /// <summary>Whether an error comes from a check and is a whole sentence, not one of the parser's own.</summary>
    public static bool IsRefusal(ParseError error) => _refusals.Contains(error.Message);

    /// <summary>Checks the value of an option, given or default.</summary>
    public static Option<T> Check<T>(this Option<T> option, Action<T?> check)
    {
        option.Validators.Add(result => Carry(result, () => check(result.GetValue(option))));
        return option;
    }

    /// <summary>Refuses what was given for an option, whatever its type.</summary>
    /// <param name="option">The option.</param>
    /// <param name="problem">A whole sentence; null where there is none.</param>
    public static void Refuse(this Option option, Func<OptionResult, string?> problem) => option.Validators.Add(result =>
    {
        if (problem(result) is { } sentence)
        {
            _refusals.Add(sentence);
            result.AddError(sentence);
        }
    });

    /// <summary>Checks that a number is large enough.</summary>
    public static void CheckAtLeast(this Option<int> option, int least, string refusal) => option.Check(value =>
    {
        if (value < least)
        {
            throw new ConfigurationException(refusal);
        }
    });

    /// <summary>Checks that a number is large enough where it is given.</summary>
    public static void CheckAtLeast(this Option<int?> option, int least, string refusal) => option.Check(value =>
    {
        if (value < least)
        {
            throw new ConfigurationException(refusal);
        }
    });

    /// <summary>Checks how the options of a command go together. The parser has no defaults yet: what was not given is null, 0 or false here.</summary>
    public static void Check(this Command command, Action<CommandResult> check) =>
        command.Validators.Add(result => Carry(result, () => check(result)));

    /// <summary>Refuses options that do nothing beside another one; a switch counts while it is on.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cause">The other one.</param>
    /// <param name="because">What happens with it, as in "no run is started".</param>
    /// <param name="idle">The options.</param>
    public static void RefuseWith<T>(this Command command, Option<T> cause, string because, params IEnumerable<Option> idle) => command.Check(given =>
    {
        if (given.Has(cause) && !Equals(given.GetValue(cause), false))
        {
            given.RefuseIdle(cause.Name, because, idle);
        }
    });

    /// <summary>Refuses those of some options that are given, because they do nothing beside something else that is.</summary>
    public static void RefuseIdle(this CommandResult given, string cause, string because, params IEnumerable<Option> idle)
    {
        string[] names = [.. idle.Where(given.Has).Select(option => option.Name)];
        if (names.Length > 0)
        {
            string list = names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";
            throw new ConfigurationException($"With {cause} {because}, so {list} would do nothing; leave out either {cause} or {list}.");
        }
    }

    private static bool Has(this CommandResult given, Option option) => given.GetResult(option) is { Implicit: false };

    private static void Carry(SymbolResult result, Action check)
    {
        try
        {
            check();
        }
        catch (ConfigurationException refusal)
        {
            _refusals.Add(refusal.Message);
            result.AddError(refusal.Message);
        }
        catch (InvalidOperationException)
        {
            // The text is not a value of its option: the parser reports that itself.
        }
    }
}
