using System.CommandLine;
using System.Runtime.ExceptionServices;
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

    // Of these nobody trains, or reads a model.
    private static readonly string[] _others =
        ["status", "workers", "run", "list", "pause", "resume", "stop", "delete", "audit", "data", "download", "certs", "health", "prerequisites", "completion"];

    /// <summary>Adds the built-in parts and those that the environment names. Called once, before options are read.</summary>
    /// <returns>Throws a <see cref="ConfigurationException"/> if a plug-in could not be loaded.</returns>
    public static Action Load()
    {
        BuiltInParts.Add();
        try
        {
            foreach (string path in (Environment.GetEnvironmentVariable(Variable) ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                PluginAssembly.Load(path).AddParts();
            }
        }
        catch (ConfigurationException problem)
        {
            return ExceptionDispatchInfo.Capture(problem).Throw;
        }

        return () => { };
    }

    /// <summary>Whether a command cannot do without plug-ins.</summary>
    public static bool AreUsedBy(Command command) => command.Parents.Any() && !_others.Contains(command.Name);
}
