using System.Runtime.InteropServices;

namespace MetaMap.Learning.Native;

/// <summary>
/// glibc returns memory of 128 KiB and more to the kernel when it is freed, and an episode frees thousands of such
/// tensors, so that each new one causes page faults again. Higher thresholds keep the memory in the process.
/// </summary>
internal static class Allocator
{
    private const int TrimThreshold = -1;   // M_TRIM_THRESHOLD
    private const int TopPad = -2;          // M_TOP_PAD
    private const int MmapThreshold = -3;   // M_MMAP_THRESHOLD
    private const int MiB = 1024 * 1024;

    /// <summary>Raises glibc's thresholds; does nothing on other systems and C libraries.</summary>
    public static void KeepFreedMemory()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetOption(MmapThreshold, 32 * MiB);   // the most that glibc accepts: half of a thread's arena
            _ = SetOption(TrimThreshold, int.MaxValue);
            _ = SetOption(TopPad, 64 * MiB);
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library, e.g. musl, which has no such options.
        }
    }

    [DllImport("libc", EntryPoint = "mallopt")]
    private static extern int SetOption(int option, int value);
}
