using System.Globalization;

namespace MetaMap.Coordinator.Stores;

/// <summary>What all stores have in common about owners of runs.</summary>
internal static class Ownership
{
    /// <summary>An owner that seems alive but has not renewed its entry for this long is considered dead.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(10);

    /// <summary>The readable name of this process.</summary>
    public static string Self { get; } = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}, process {Environment.ProcessId}");
}
