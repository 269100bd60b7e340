using MetaMap.Core;

namespace MetaMap.Cli.Errors;

/// <summary>What the command says about itself on standard error, a line each.</summary>
internal static class Notice
{
    /// <summary>Says it, whatever names of files and the like it repeats.</summary>
    public static void Say(string text) => Console.Error.WriteLine($"metamap: {text.Printable()}");
}
