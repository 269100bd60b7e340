using MetaMap.Cli.Help;

namespace MetaMap.Cli.Hosting;

/// <summary>The command line that a user can type to call a command again.</summary>
internal static class CommandLine
{
    /// <summary>The arguments of this process as a shell takes them.</summary>
    /// <param name="without">Flags to leave out.</param>
    /// <param name="with">Flags to add.</param>
    /// <returns>Null where an argument holds a password, which must not be shown.</returns>
    public static string? Again(IEnumerable<string> without, IEnumerable<string> with) => Of(Environment.GetCommandLineArgs().Skip(1), without, with);

    /// <summary>Arguments as a shell takes them; null where one holds a password.</summary>
    public static string? Of(IEnumerable<string> arguments, IEnumerable<string> without, IEnumerable<string> with)
    {
        string[] again = [.. arguments.Where(argument => !without.Contains(argument)), .. with];
        return again.Any(argument => Secrets.IsSuspect(argument)) ? null : string.Join(' ', again.Select(OwnName.Quoted).Prepend(OwnName.Called));
    }
}
