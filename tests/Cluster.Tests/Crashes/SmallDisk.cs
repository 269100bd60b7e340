using System.Diagnostics;
using Xunit.Abstractions;

namespace MetaMap.Cluster.Tests.Crashes;

/// <summary>A disk of a few megabytes in memory, which can be filled and made read-only. Needs root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _path;

    private SmallDisk(string path) => _path = path;

    private string Filler => Path.Combine(_path, "filler");

    /// <summary>Mounts one; null (told in the test's output) where that is not allowed, which fails the test in CI.</summary>
    public static SmallDisk? Mount(string path, int megabytes, ITestOutputHelper output)
    {
        Directory.CreateDirectory(path);
        if (Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", path) == 0)
        {
            return new SmallDisk(path);
        }

        const string missing = "a small disk can only be mounted by root";
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", missing);
        output.WriteLine($"skipped: {missing}");
        return null;
    }

    /// <summary>Takes all the space that is left.</summary>
    public void Fill()
    {
        using FileStream filler = new(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] page = new byte[4096];
        try
        {
            for (int written = 0; written < 1 << 30; written += page.Length)
            {
                filler.Write(page);
            }
        }
        catch (IOException)
        {
            // Full, as wanted.
        }
    }

    public void Free() => File.Delete(Filler);

    /// <summary>Lays a read-only view of the disk over it: files that are open stay so, and nothing can be opened for writing.</summary>
    public void Protect()
    {
        Assert.Equal(0, Run("mount", "--bind", _path, _path));
        Assert.Equal(0, Run("mount", "-o", "remount,bind,ro", _path));
    }

    public void Unprotect() => Assert.Equal(0, Run("umount", "-l", _path));

    public void Dispose()
    {
        // The view, if it is there still, and the disk.
        Run("umount", "-q", "-l", _path);
        Run("umount", "-q", "-l", _path);
    }

    private static int Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
