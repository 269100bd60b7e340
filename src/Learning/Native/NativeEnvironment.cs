using System.Runtime.InteropServices;

namespace MetaMap.Learning.Native;

/// <summary>Environment variables that native libraries read when they are loaded, which those that .NET sets never reach.</summary>
internal static class NativeEnvironment
{
    /// <summary>Sets a variable unless it is set; does nothing on Windows.</summary>
    public static void SetDefault(string name, string value)
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = Set(name, value, overwrite: 0);
        }
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int Set(string name, string value, int overwrite);
}
