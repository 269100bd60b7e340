using System.Collections.Immutable;
using System.Runtime.InteropServices;
using MetaMap.Learning.Native;
using TorchSharp;

namespace MetaMap.Learning.Devices;

/// <summary>The GPUs that libtorch can compute on.</summary>
/// <param name="Descriptions">Name, memory and driver, by index; empty where there is none.</param>
/// <param name="WhyNone">Half a sentence for people: why there is none, and what to do.</param>
internal sealed record CudaDevices(ImmutableArray<string> Descriptions, string WhyNone)
{
    private const int NameLength = 256;

    /// <summary>Those of this machine.</summary>
    public static CudaDevices Here
    {
        get
        {
            TorchRuntime.Initialize();
            int? driver = Driver();
            int count = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
            return new([.. Enumerable.Range(0, count).Select(index => Describe(index, driver ?? 0))], driver switch
            {
                _ when count > 0 => "",
                null => "this machine has no NVIDIA driver (libcuda.so.1 cannot be loaded); leave out --device to compute on the processor",
                _ when !TorchRuntime.HasCuda =>
                    "the libtorch here is built for processors only; build with TorchBackend=cuda, or name the libtorch of an installed PyTorch with --libtorch",
                { } version => $"libtorch finds no GPU with driver version {Text(version)}: the driver may be too old for it, or CUDA_VISIBLE_DEVICES hides the GPUs",
            });
        }
    }

    private static string Describe(int index, int driver)
    {
        byte[] name = new byte[NameLength];
        return cuDeviceGet(out int device, index) == 0 && cuDeviceGetName(name, name.Length, device) == 0 && cuDeviceTotalMem(out nuint bytes, device) == 0
            ? $"{System.Text.Encoding.UTF8.GetString(name.AsSpan(0, Array.IndexOf(name, (byte)0)))}, {bytes / (double)(1 << 30):0.0} GiB, CUDA driver {Text(driver)}"
            : $"CUDA driver {Text(driver)}";
    }

    /// <summary>The CUDA version of the driver, 1000 times the major plus 10 times the minor number; null without a driver.</summary>
    private static int? Driver()
    {
        try
        {
            return cuInit(0) == 0 && cuDriverGetVersion(out int version) == 0 ? version : 0;
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static string Text(int version) => version == 0 ? "unknown" : $"{version / 1000}.{version % 1000 / 10}";

    // The driver's own interface, which comes with every driver: TorchSharp tells no names.
    [DllImport("libcuda.so.1")]
    private static extern int cuInit(uint flags);

    [DllImport("libcuda.so.1")]
    private static extern int cuDriverGetVersion(out int version);

    [DllImport("libcuda.so.1")]
    private static extern int cuDeviceGet(out int device, int ordinal);

    [DllImport("libcuda.so.1")]
    private static extern int cuDeviceGetName([Out] byte[] name, int length, int device);

    [DllImport("libcuda.so.1", EntryPoint = "cuDeviceTotalMem_v2")]
    private static extern int cuDeviceTotalMem(out nuint bytes, int device);
}
