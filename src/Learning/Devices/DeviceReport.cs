using System.Collections.Immutable;
using MetaMap.Learning.Native;

namespace MetaMap.Learning.Devices;

/// <summary>Something that computing on a GPU needs.</summary>
/// <param name="What">A word for it.</param>
/// <param name="Found">What this machine has of it, for people.</param>
public sealed record Finding(string What, string Found);

/// <summary>What a machine has for computing on GPUs.</summary>
public static class DeviceReport
{
    /// <summary>This machine's; libtorch, which is loaded for it, comes last.</summary>
    /// <exception cref="MetaMap.Core.ConfigurationException">There is no libtorch in the folder that was named.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded; the message says what to do.</exception>
    public static IEnumerable<Finding> Here()
    {
        foreach (Finding finding in Of(CudaDriver.Here, Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES")))
        {
            yield return finding;
        }

        yield return new Finding("libtorch", TorchRuntime.Libtorch.ToString());
    }

    internal static ImmutableArray<Finding> Of(CudaDriver? driver, string? visible) =>
    [
        new("NVIDIA driver", driver is null ? $"none: {CudaDriver.Library} cannot be loaded"
            : $"{driver.Release ?? "of unknown version"}, for CUDA up to {driver.CudaVersion ?? "unknown"}{(driver.Problem is { } problem ? $", which does not work: {problem}" : "")}"),
        .. driver is { Gpus: { IsEmpty: false } gpus } ? gpus.Select((gpu, index) => new Finding($"GPU {index}", gpu)) : [new Finding("GPU", "none")],
        .. visible is null ? Array.Empty<Finding>() : [new Finding("CUDA_VISIBLE_DEVICES", $"'{visible}', which hides all others")],
    ];
}
