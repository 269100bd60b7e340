using System.Collections.Immutable;
using MetaMap.Learning.Native;
using TorchSharp;

namespace MetaMap.Learning.Devices;

/// <summary>The GPUs that libtorch can compute on.</summary>
/// <param name="Descriptions">Name, memory and driver, by index; empty where there is none.</param>
/// <param name="WhyNone">Half a sentence for people: why there is none, and what to do.</param>
internal sealed record CudaDevices(ImmutableArray<string> Descriptions, string WhyNone)
{
    /// <summary>Those of this machine.</summary>
    public static CudaDevices Here
    {
        get
        {
            bool hasCuda = TorchRuntime.Libtorch.HasCuda;
            return Of(CudaDriver.Here, hasCuda, torch.cuda.is_available() ? torch.cuda.device_count() : 0);
        }
    }

    /// <summary>Those that a libtorch finds with a driver.</summary>
    /// <param name="driver">Null where there is none.</param>
    /// <param name="hasCuda">Whether the libtorch is built for CUDA.</param>
    /// <param name="count">GPUs that it finds.</param>
    public static CudaDevices Of(CudaDriver? driver, bool hasCuda, int count) => driver switch
    {
        { } found when count > 0 => new([.. Enumerable.Range(0, count).Select(index => $"{found.Gpus.ElementAtOrDefault(index) ?? "GPU"}, CUDA driver {found.CudaVersion ?? "unknown"}")], ""),
        null => new([], $"this machine has no NVIDIA driver ({CudaDriver.Library} cannot be loaded); leave out --device to compute on the processor"),
        { Problem: { } problem } => new([], $"the NVIDIA driver does not work here ({problem}); see whether nvidia-smi does, and give a container its GPUs (docker run --gpus all)"),
        _ when !hasCuda => new([], "the libtorch here is built for processors only; build with TorchBackend=cuda, or name the libtorch of an installed PyTorch with --libtorch"),
        { CudaVersion: var version } => new([], $"libtorch finds no GPU with driver version {version ?? "unknown"}: the driver may be too old for it, or CUDA_VISIBLE_DEVICES hides the GPUs"),
    };
}
