using System.Diagnostics;
using System.Text.RegularExpressions;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests;

/// <summary>A <c>metamap serve</c> of a model file, and a client of it.</summary>
internal sealed partial class ServedModel : IDisposable
{
    private readonly Process _process;

    private ServedModel(Process process, Uri url) => (_process, Http) = (process, new HttpClient { Timeout = TestTime.Limit, BaseAddress = url });

    public HttpClient Http { get; }

    /// <summary>Starts it, and waits until it says where it is.</summary>
    public static async Task<ServedModel> Start(string file, string? temporary = null)
    {
        ProcessStartInfo start = new("dotnet", [Repository.Program, "serve", "--file", file, "--http-port", "0"]) { RedirectStandardError = true };
        if (temporary is not null)
        {
            start.Environment["TMPDIR"] = temporary;
        }

        Process process = Process.Start(start)!;
        Match said = Announcement().Match((await process.StandardError.ReadLineAsync()) ?? "");
        Assert.True(said.Success);
        return new ServedModel(process, new Uri(said.Groups["url"].Value));
    }

    /// <summary>Ends it as a service manager would.</summary>
    /// <returns>Its exit code, and what else it has said.</returns>
    public async Task<(int ExitCode, string Errors)> Stop()
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        using CancellationTokenSource patience = new(TestTime.Limit);
        await _process.WaitForExitAsync(patience.Token);
        return (_process.ExitCode, await _process.StandardError.ReadToEndAsync());
    }

    public void Dispose()
    {
        Http.Dispose();
        _process.Kill();
        _process.Dispose();
    }

    [GeneratedRegex("^serving [a-z]+, iteration [0-9]+, at (?<url>http://127.0.0.1:[0-9]+): ")]
    private static partial Regex Announcement();
}
