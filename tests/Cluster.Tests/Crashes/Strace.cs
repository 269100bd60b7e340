using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace MetaMap.Cluster.Tests.Crashes;

/// <summary>One system call that changes a run's directory.</summary>
/// <param name="Call">Its name.</param>
/// <param name="Path">The file, below the run's directory.</param>
internal sealed record SystemCall(string Call, string Path)
{
    /// <summary>What is alike in all iterations.</summary>
    public string Kind => Regex.Replace($"{Call} {Path}", "[0-9]+", "#");

    public override string ToString() => $"{Call} of {Path}";
}

/// <summary>
/// Runs the command under strace: first to see which system calls change a run's directory, then to be killed (SIGKILL
/// to the whole process) at the entry of exactly one of them, which then is not carried out.
/// </summary>
internal static partial class Strace
{
    private const string Traced =
        "openat,write,pwrite64,writev,pwritev,fsync,fdatasync,ftruncate,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat";

    /// <summary>Whether there is a strace; without one the test is skipped on a developer's machine and fails in CI.</summary>
    public static bool IsAvailable(ITestOutputHelper output)
    {
        bool found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "strace")));
        if (!found)
        {
            const string missing = "there is no strace on the PATH; ./metamap test installs it as root on Debian";
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", missing);
            output.WriteLine($"skipped: {missing}");
        }

        return found;
    }

    /// <summary>Runs a command to its end, which must be a success.</summary>
    /// <returns>The calls that changed files in the folder, each once, in the order of their first occurrence.</returns>
    public static async Task<ImmutableArray<SystemCall>> Record(string log, string folder, string[] arguments)
    {
        using (MetamapProcess process = MetamapProcess.StartUnder(
            ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-o", log, "-e", $"trace={Traced}", "dotnet"], arguments))
        {
            SmallRun.AssertSameBits(await process.LastEvent());
            Assert.Equal(0, await process.Exit());
        }

        return [.. File.ReadLines(log).Select(line => Parse(line, folder)).OfType<SystemCall>().Distinct()];
    }

    /// <summary>Starts a command that is killed when it makes a call for the first time in a thread.</summary>
    public static MetamapProcess StartKilledAt(SystemCall call, string folder, string[] arguments) => MetamapProcess.StartUnder(
        [
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", $"trace={call.Call}", "-P", Path.Combine(folder, call.Path),
            "-e", $"inject={call.Call}:signal=SIGKILL:when=1", "dotnet",
        ], arguments);

    private static SystemCall? Parse(string line, string folder)
    {
        Match match = Line().Match(line);
        string call = match.Groups["call"].Value;
        string path = match.Groups["path"].Value;
        bool changes = match.Success && path.StartsWith(folder + "/", StringComparison.Ordinal)
            && (call != "openat" || line.Contains("O_WRONLY", StringComparison.Ordinal) || line.Contains("O_RDWR", StringComparison.Ordinal));
        return changes ? new SystemCall(call, Path.GetRelativePath(folder, path)) : null;
    }

    // 123 fsync(7</run/model.safetensors.tmp>) = 0, or 123 rename("/run/model.safetensors.tmp", "/run/model.safetensors") = 0
    [GeneratedRegex("""^\d+ +(?<call>\w+)\((AT_FDCWD(<[^>]*>)?, )?(\d+<(?<path>[^>]*)>|"(?<path>[^"]*)")""")]
    private static partial Regex Line();
}
