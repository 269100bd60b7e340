namespace MetaMap.Cli.Help;

/// <summary>The program's name as its user calls it, so that a hint can be pasted.</summary>
internal static class OwnName
{
    // The name in messages of every floor.
    private const string Usual = "metamap";

    /// <summary>Set by whatever script calls the program, such as <c>./metamap</c>.</summary>
    private const string Variable = "METAMAP_COMMAND";

    /// <summary>As a shell calls it.</summary>
    public static string Called => Quoted(Given);

    /// <summary>As the name of a command, which has no spaces.</summary>
    public static string OfCommand => Given.Any(char.IsWhiteSpace) ? Usual : Given;

    private static string Given => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } name ? name : Usual;

    /// <summary>A sentence in which commands are named as they are called.</summary>
    public static string In(string sentence) => sentence.Replace($"`{Usual} ", $"`{Called} ", StringComparison.Ordinal).Replace($"`{Usual}`", $"`{Called}`", StringComparison.Ordinal);

    /// <summary>A word as a shell reads it as one.</summary>
    public static string Quoted(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+=:,@%~".Contains(c, StringComparison.Ordinal))
        ? word : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
