using System.CommandLine;
using System.Runtime.CompilerServices;

namespace MetaMap.Cli.Options;

/// <summary>Variables of the environment that stand in for options that are not given, in every command.</summary>
internal static class OptionVariables
{
    private static readonly ConditionalWeakTable<Option, string> _names = [];

    /// <summary>Names the variable of an option.</summary>
    public static Option<T> Or<T>(this Option<T> option, string variable)
    {
        _names.Add(option, variable);
        return option;
    }

    /// <summary>What the variable of an option holds; null where it has none, or that is not set.</summary>
    public static (string Name, string Value)? FromVariable(this Option option) =>
        _names.TryGetValue(option, out string? name) && Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? (name, value) : null;

    /// <summary>The value that is given, else that of the variable; null for neither.</summary>
    public static string? GetValueOrVariable(this ParseResult parsed, Option<string?> option) => parsed.GetValue(option) ?? option.FromVariable()?.Value;
}
