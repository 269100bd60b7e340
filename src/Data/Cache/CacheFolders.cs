namespace MetaMap.Data.Cache;

/// <summary>Where decoded data is kept between starts.</summary>
public static class CacheFolders
{
    /// <summary>Environment variable that names the one folder to use.</summary>
    public const string Variable = "METAMAP_CACHE";

    /// <summary>The folder that is made inside a data folder.</summary>
    public const string InsideData = ".metamap-cache";

    /// <summary>
    /// The folders to try, in order. Where <see cref="Variable"/> is set, only the one that it names; otherwise one inside the
    /// data folder, then the user's cache folder. The first writable one is used.
    /// </summary>
    /// <param name="dataFolder">The folder that the data is read from.</param>
    public static IReadOnlyList<string> For(string dataFolder) => For(dataFolder, Environment.GetEnvironmentVariable);

    /// <summary>The same, with a given environment.</summary>
    /// <param name="dataFolder">The folder that the data is read from.</param>
    /// <param name="environment">Value of a variable, null or empty where it is not set.</param>
    public static IReadOnlyList<string> For(string dataFolder, Func<string, string?> environment) =>
        environment(Variable) is { Length: > 0 } named
            ? [Path.GetFullPath(named)]
            : [Path.Combine(Path.GetFullPath(dataFolder), InsideData), .. OfUser(environment)];

    /// <summary>The folders for what belongs to no dataset: the one that <see cref="Variable"/> names, otherwise the user's cache folder.</summary>
    public static IReadOnlyList<string> OfUser() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
        ? [Path.GetFullPath(named)] : [.. OfUser(Environment.GetEnvironmentVariable)];

    private static IEnumerable<string> OfUser(Func<string, string?> environment)
    {
        if (environment("XDG_CACHE_HOME") is { Length: > 0 } cache)
        {
            yield return Path.Combine(cache, "metamap");
        }
        else if (OperatingSystem.IsWindows() && environment("LOCALAPPDATA") is { Length: > 0 } local)
        {
            yield return Path.Combine(local, "metamap", "cache");
        }
        else if (environment("HOME") is { Length: > 0 } home)
        {
            yield return Path.Combine(home, ".cache", "metamap");
        }
    }
}
