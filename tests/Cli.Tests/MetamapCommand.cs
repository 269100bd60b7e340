using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests;

/// <summary>One call of the command to its end: in a process of its own, as people make it, or, where it only refuses, in this one.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Standard error.</param>
internal sealed record MetamapCommand(int ExitCode, string Output, string Errors)
{
    private static readonly SemaphoreSlim _turn = new(1);
    private static readonly CallersConsole _output = new(Console.Out);
    private static readonly CallersConsole _errors = new(Console.Error);

    static MetamapCommand()
    {
        Console.SetOut(_output);
        Console.SetError(_errors);
    }

    public static Task<MetamapCommand> Run(params string[] arguments) => RunIn(new Dictionary<string, string>(), arguments);

    /// <summary>With environment variables beside those of this process.</summary>
    public static Task<MetamapCommand> RunIn(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        RunProgram(Repository.Program, environment, arguments);

    /// <summary>Of another copy of the program.</summary>
    public static Task<MetamapCommand> RunProgram(string program, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        RunFile("dotnet", environment, [program, .. arguments]);

    /// <summary>Of an executable file, such as <c>./metamap</c>.</summary>
    public static async Task<MetamapCommand> RunFile(string file, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        ProcessStartInfo start = new(file, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };

        foreach ((string variable, string value) in environment)
        {
            start.Environment[variable] = value;
        }

        using Process process = Process.Start(start)!;
        using CancellationTokenSource patience = new(TestTime.Limit);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return new MetamapCommand(process.ExitCode, await output, WithoutNotice(await errors));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The call must fail with this code and exactly one sentence of its own, without a stack trace.</summary>
    public static async Task AssertRefused(int exitCode, string reason, params string[] arguments) =>
        AssertRefusal(await RunHere(arguments), exitCode, reason, arguments);

    /// <summary>In a process of its own, with environment variables beside those of this process.</summary>
    public static async Task AssertRefusedIn(IReadOnlyDictionary<string, string> environment, int exitCode, string reason, params string[] arguments) =>
        AssertRefusal(await RunIn(environment, arguments), exitCode, reason, arguments);

    /// <summary>An HTTP address at which nobody listens.</summary>
    public static string DeadUrl()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://{listener.LocalEndpoint}";
    }

    public static string PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

    // The program's own entry point, which is made for one call in a process.
    private static async Task<MetamapCommand> RunHere(string[] arguments)
    {
        await _turn.WaitAsync();
        // Not disposed: what the call has started may write on when it is over.
        StringWriter written = new();
        StringWriter said = new();
        try
        {
            (_output.Caller, _errors.Caller) = (written, said);
            object? exitCode = await Task.Run(() => Assembly.Load("MetaMap.Cli").EntryPoint!.Invoke(null, [arguments])).WaitAsync(TestTime.Limit);
            return new MetamapCommand((int)exitCode!, written.ToString(), WithoutNotice(said.ToString()));
        }
        finally
        {
            _turn.Release();
        }
    }

    // A processor whose libtorch is wrong says so in one line of its own.
    private static string WithoutNotice(string errors) =>
        string.Join('\n', errors.Split('\n').Where(line => !line.StartsWith("metamap: MetaMap has checked this processor: ", StringComparison.Ordinal)));

    private static void AssertRefusal(MetamapCommand call, int exitCode, string reason, string[] arguments)
    {
        string[] lines = call.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length == 1, $"metamap {string.Join(' ', arguments)} wrote:\n{call.Errors}");
        Assert.StartsWith("metamap: ", lines[0], StringComparison.Ordinal);
        Assert.Contains(reason, lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("defect", lines[0], StringComparison.Ordinal);
        Assert.Equal(exitCode, call.ExitCode);
        Assert.Empty(call.Output);
    }
}
