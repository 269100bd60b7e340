using System.Diagnostics;
using Xunit.Abstractions;

namespace MetaMap.Cluster.Tests;

/// <summary>
/// A file of names and addresses that takes the place of /etc/hosts for one process (in a mount namespace of its own), and
/// may be changed while it runs: a name whose address changes, without a name server. Needs root.
/// </summary>
internal sealed class PrivateHosts
{
    private readonly string _file;

    private PrivateHosts(string file) => _file = file;

    /// <summary>Makes one; null (told in the test's output) where namespaces are not allowed, which fails the test in CI.</summary>
    public static PrivateHosts? Create(string file, ITestOutputHelper output)
    {
        if (Environment.IsPrivilegedProcess && IsAllowed())
        {
            return new PrivateHosts(file);
        }

        const string missing = "a process can only be given names of its own by root on Linux";
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", missing);
        output.WriteLine($"skipped: {missing}");
        return null;
    }

    /// <summary>Starts a program under it, as of <see cref="MetamapProcess.StartUnder"/>.</summary>
    public IReadOnlyList<string> Launcher => ["unshare", "--mount", "sh", "-c", "mount --bind \"$0\" /etc/hosts && exec \"$@\"", _file, "dotnet"];

    /// <summary>Gives the name an address instead of the one before.</summary>
    public void Set(string name, string address) => File.WriteAllText(_file, $"127.0.0.1 localhost\n{address} {name}\n");

    private static bool IsAllowed()
    {
        using Process process = Process.Start("unshare", ["--mount", "true"]);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
