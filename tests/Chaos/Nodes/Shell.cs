using System.Diagnostics;
using MetaMap.Testing;

namespace MetaMap.Chaos.Nodes;

/// <summary>Commands that end soon.</summary>
internal static class Shell
{
    /// <summary>The words before the arguments of this build's command.</summary>
    public static IReadOnlyList<string> Metamap { get; } = ["dotnet", Repository.Program];

    /// <summary>Runs a command, which must succeed.</summary>
    /// <exception cref="InvalidOperationException">It failed; says what it said.</exception>
    public static async Task Run(IReadOnlyList<string> words)
    {
        (int code, string said) = await Try(words);
        if (code != 0)
        {
            throw new InvalidOperationException($"`{string.Join(' ', words)}` failed with exit code {code}: {said.Trim()}");
        }
    }

    /// <summary>Runs a command and returns its exit code and all that it said.</summary>
    public static async Task<(int Code, string Said)> Try(IReadOnlyList<string> words)
    {
        ProcessStartInfo start = new(words[0], words.Skip(1)) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string[] said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(said));
    }
}
