using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace MetaMap.Learning.Devices;

/// <summary>The NVIDIA driver of this machine, by its own interface, which comes with every driver: TorchSharp tells no names.</summary>
/// <param name="CudaVersion">The newest CUDA that it can do, such as <c>13.0</c>; null where it does not say.</param>
/// <param name="Release">Its own version, such as <c>580.95.05</c>; null where the system does not show it.</param>
/// <param name="Problem">What it says when it does not work; null when it does.</param>
/// <param name="Gpus">Name and memory, by index.</param>
internal sealed record CudaDriver(string? CudaVersion, string? Release, string? Problem, ImmutableArray<string> Gpus)
{
    /// <summary>The library that every driver brings.</summary>
    public const string Library = "libcuda.so.1";

    private const string ReleaseFile = "/sys/module/nvidia/version";
    private const int NameLength = 256;

    /// <summary>This machine's; null where there is none.</summary>
    public static CudaDriver? Here
    {
        get
        {
            try
            {
                int result = cuInit(0);
                string? cuda = cuDriverGetVersion(out int version) == 0 ? string.Create(CultureInfo.InvariantCulture, $"{version / 1000}.{version % 1000 / 10}") : null;
                int count = 0;
                result = result == 0 ? cuDeviceGetCount(out count) : result;
                return new(cuda, File.Exists(ReleaseFile) ? File.ReadAllText(ReleaseFile).Trim() : null, result == 0 ? null : Text(result), [.. Enumerable.Range(0, count).Select(Describe)]);
            }
            catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
            {
                return null;
            }
        }
    }

    /// <summary>Memory of a GPU that is in use by all processes; null where the driver does not say.</summary>
    public static long? UsedMemoryBytes(int index)
    {
        if (cuDeviceGet(out int device, index) != 0 || cuDevicePrimaryCtxRetain(out nint context, device) != 0)
        {
            return null;
        }

        long? used = cuCtxPushCurrent(context) == 0 && cuMemGetInfo(out nuint free, out nuint total) == 0 ? (long)(total - free) : null;
        _ = cuCtxPopCurrent(out _);
        _ = cuDevicePrimaryCtxRelease(device);
        return used;
    }

    /// <summary>Memory of a GPU; null where there is no driver, or it does not say.</summary>
    public static long? MemoryBytes(int index)
    {
        try
        {
            return cuDeviceGet(out int device, index) == 0 && cuDeviceTotalMem(out nuint bytes, device) == 0 ? (long)bytes : null;
        }
        catch (DllNotFoundException)
        {
            return null;
        }
    }

    private static string Describe(int index)
    {
        byte[] name = new byte[NameLength];
        return cuDeviceGet(out int device, index) == 0 && cuDeviceGetName(name, name.Length, device) == 0 && cuDeviceTotalMem(out nuint bytes, device) == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetString(name.AsSpan(0, Array.IndexOf(name, (byte)0)))}, {bytes / (double)(1 << 30):0.0} GiB")
            : "a GPU that the driver does not describe";
    }

    private static string Text(int error) =>
        cuGetErrorString(error, out nint text) == 0 ? Marshal.PtrToStringUTF8(text)! : string.Create(CultureInfo.InvariantCulture, $"error {error}");

    [DllImport(Library)]
    private static extern int cuInit(uint flags);

    [DllImport(Library)]
    private static extern int cuDriverGetVersion(out int version);

    [DllImport(Library)]
    private static extern int cuGetErrorString(int error, out nint text);

    [DllImport(Library)]
    private static extern int cuDeviceGetCount(out int count);

    [DllImport(Library)]
    private static extern int cuDeviceGet(out int device, int ordinal);

    [DllImport(Library)]
    private static extern int cuDeviceGetName([Out] byte[] name, int length, int device);

    [DllImport(Library, EntryPoint = "cuDeviceTotalMem_v2")]
    private static extern int cuDeviceTotalMem(out nuint bytes, int device);

    [DllImport(Library)]
    private static extern int cuDevicePrimaryCtxRetain(out nint context, int device);

    [DllImport(Library, EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    private static extern int cuDevicePrimaryCtxRelease(int device);

    [DllImport(Library, EntryPoint = "cuCtxPushCurrent_v2")]
    private static extern int cuCtxPushCurrent(nint context);

    [DllImport(Library, EntryPoint = "cuCtxPopCurrent_v2")]
    private static extern int cuCtxPopCurrent(out nint context);

    [DllImport(Library, EntryPoint = "cuMemGetInfo_v2")]
    private static extern int cuMemGetInfo(out nuint free, out nuint total);
}
