namespace MetaMap.Cli.Hosting;

/// <summary>Variables of the environment that set options of commands.</summary>
internal static class SettingVariables
{
    /// <summary>How those of single options begin.</summary>
    public const string Prefix = "METAMAP__";

    /// <summary>The one that names a file.</summary>
    public const string File = "METAMAP_SETTINGS";

    /// <summary>Whether a variable is one of them.</summary>
    public static bool Has(string name) => name == File || name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
}
