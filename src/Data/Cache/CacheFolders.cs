namespace MetaMap.Data.Cache;

/// <summary>Where decoded images and measured kernels are kept between starts.</summary>
public static class CacheFolders
{
    /// <summary>Environment variable that names the one folder to use.</summary>
    public const string Variable = "METAMAP_CACHE";

    /// <summary>
    /// The folders to use, none or one: the one that <see cref="Variable"/> names, otherwise <c>metamap</c> in the user's cache folder (<c>XDG_CACHE_HOME</c>,
    /// else <c>~/.cache</c>; on Windows <c>LOCALAPPDATA</c>). What has no folder is kept in memory.
    /// </summary>
    public static IReadOnlyList<string> OfUser() => OfUser(Environment.GetEnvironmentVariable);

    /// <summary>The same, with a given environment.</summary>
    /// <param name="environment">Value of a variable, null or empty where it is not set.</param>
    internal static IReadOnlyList<string> OfUser(Func<string, string?> environment) =>
        environment(Variable) is { Length: > 0 } named ? [Path.GetFullPath(named)]
        : environment("XDG_CACHE_HOME") is { Length: > 0 } cache ? [Path.Combine(cache, "metamap")]
        : OperatingSystem.IsWindows() && environment("LOCALAPPDATA") is { Length: > 0 } local ? [Path.Combine(local, "metamap", "cache")]
        : environment("HOME") is { Length: > 0 } home ? [Path.Combine(home, ".cache", "metamap")]
        : [];
}
