using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MetaMap.Core.Files;

/// <summary>Tells regular files from devices, pipes and sockets, without opening them.</summary>
internal static class FileKind
{
    private const int CurrentFolder = -100;
    private const uint TypeAndMode = 3;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xF000;
    private const int Regular = 0x8000;

    /// <summary>Whether something that exists, or that a link leads to, is a regular file; true where the system cannot tell.</summary>
    public static bool IsRegular(string path)
    {
        byte[] status = new byte[256];
        return !OperatingSystem.IsLinux() || Statx(CurrentFolder, path, 0, TypeAndMode, status) != 0
            || (BinaryPrimitives.ReadUInt16LittleEndian(status.AsSpan(ModeOffset)) & TypeMask) == Regular;
    }

    // The one form of stat that has the same layout on every processor.
    [DllImport("libc", EntryPoint = "statx")]
    private static extern int Statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] status);
}
