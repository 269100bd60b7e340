using MetaMap.Core;
using MetaMap.Core.Plugins;
using MetaMap.Learning.Plugins;

namespace MetaMap.Cli.Hosting;

/// <summary>
/// Models, algorithms and datasets from outside, named by an environment variable: every process of a cluster needs
/// them, and the workers of <c>train --workers N</c> inherit it.
/// </summary>
internal static class Plugins
{
    /// <summary>The environment variable: files of assemblies, separated as in PATH.</summary>
    public const string Variable = "METAMAP_PLUGINS";

    /// <summary>Loads what the environment names. Called once, before options are read.</summary>
    /// <exception cref="ConfigurationException">One cannot be loaded.</exception>
    public static void Load()
    {
        string paths = Environment.GetEnvironmentVariable(Variable) ?? "";
        foreach (string path in paths.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            PluginAssembly plugin = PluginAssembly.Load(path);
            plugin.AddDefinitions();
            ComputationPlugins.Add(plugin);
        }
    }
}
