using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MetaMap.Cli.Tests;

/// <summary>One call of the command as people make it: a process of its own, to its end.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Standard error.</param>
internal sealed record MetamapCommand(int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    public static Task<MetamapCommand> Run(params string[] arguments) => RunIn(new Dictionary<string, string>(), arguments);

    /// <summary>With environment variables beside those of this process.</summary>
    public static async Task<MetamapCommand> RunIn(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "MetaMap.Cli.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string variable, string value) in environment)
        {
            start.Environment[variable] = value;
        }

        using Process process = Process.Start(start)!;
        using CancellationTokenSource patience = new(_patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            // A processor whose libtorch is wrong says so in one line of its own.
            string said = string.Concat((await errors).Split('\n').Where(line => !line.StartsWith("metamap: Convolutions are computed as ", StringComparison.Ordinal))
                .Select((line, i) => i == 0 ? line : "\n" + line));
            return new MetamapCommand(process.ExitCode, await output, said);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The call must fail with this code and exactly one sentence of its own, without a stack trace.</summary>
    public static Task AssertRefused(int exitCode, string reason, params string[] arguments) =>
        AssertRefusedIn(new Dictionary<string, string>(), exitCode, reason, arguments);

    /// <summary>With environment variables beside those of this process.</summary>
    public static async Task AssertRefusedIn(IReadOnlyDictionary<string, string> environment, int exitCode, string reason, params string[] arguments)
    {
        MetamapCommand call = await RunIn(environment, arguments);
        string[] lines = call.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length == 1, $"metamap {string.Join(' ', arguments)} wrote:\n{call.Errors}");
        Assert.StartsWith("metamap: ", lines[0], StringComparison.Ordinal);
        Assert.Contains(reason, lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("defect", lines[0], StringComparison.Ordinal);
        Assert.Equal(exitCode, call.ExitCode);
        Assert.Empty(call.Output);
    }

    /// <summary>An HTTP address at which nobody listens.</summary>
    public static string DeadUrl()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://{listener.LocalEndpoint}";
    }

    public static string PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
}
