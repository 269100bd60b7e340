using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Core;

namespace MetaMap.Cli.Hosting;

/// <summary>Where a coordinator serves a run.</summary>
internal static class RunUrl
{
    /// <summary>The path of a run, without a slash at its end.</summary>
    /// <exception cref="ConfigurationException">No run can have the name: in a path, <c>..</c> would mean another.</exception>
    public static string Of(string name) => RunName.IsName(name) ? $"api/runs/{name}" : throw new ConfigurationException(RunName.Explain(name));
}
