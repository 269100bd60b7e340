using System.Collections.Immutable;
using System.CommandLine;
using System.Runtime.CompilerServices;

namespace MetaMap.Cli.Help;

/// <summary>The examples in a command's help.</summary>
internal static class Examples
{
    private static readonly ConditionalWeakTable<Command, List<(string What, string Line)>> _examples = [];

    /// <summary>Adds an example.</summary>
    /// <param name="command">The command.</param>
    /// <param name="what">What it does, in a few words.</param>
    /// <param name="line">The command line, after the program's name.</param>
    public static void Example(this Command command, string what, string line) => _examples.GetOrCreateValue(command).Add((what, line));

    /// <summary>The examples of a command, in the order in which they were added.</summary>
    public static ImmutableArray<(string What, string Line)> Of(Command command) => _examples.TryGetValue(command, out var examples) ? [.. examples] : [];
}
