using MetaMap.Core;
using MetaMap.Learning;
using MetaMap.Training.Plugins;

namespace MetaMap.Cli.Hosting;

/// <summary>
/// Loads external models, algorithms and datasets, named by an environment variable: every process of a cluster needs
/// them, and the workers of <c>train --workers N</c> inherit the variable.
/// </summary>
internal static class Plugins
{
    /// <summary>The environment variable: assembly files, separated as in PATH.</summary>
    public const string Variable = "METAMAP_PLUGINS";

    /// <summary>Adds the built-in parts and those that the environment names. Called once, before options are read.</summary>
    /// <exception cref="ConfigurationException">A plug-in cannot be loaded.</exception>
    public static void Load()
    {
        BuiltInParts.Add();
        string paths = Environment.GetEnvironmentVariable(Variable) ?? "";
        foreach (string path in paths.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            PluginAssembly.Load(path).AddParts();
        }
    }
}
