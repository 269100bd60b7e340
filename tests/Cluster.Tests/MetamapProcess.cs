using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading.Channels;
using MetaMap.PacedGlyphs;
using MetaMap.Testing;

namespace MetaMap.Cluster.Tests;

/// <summary>A real `metamap` process: its output, its JSON events, its children, and the signals sent to it.</summary>
internal sealed partial class MetamapProcess : IDisposable
{
    public const int SigInt = 2;
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int SigCont = 18;
    public const int SigStop = 19;

    // A shell that has started the tests in its background lets them, and what they start, ignore SIGINT.
    private static readonly string[] _launcher = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", "dotnet"] : ["dotnet"];

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly Channel<JsonElement> _events = Channel.CreateUnbounded<JsonElement>();

    private MetamapProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                _events.Writer.TryComplete();
            }
            else if (line.Data.StartsWith('{'))
            {
                _events.Writer.TryWrite(JsonDocument.Parse(line.Data).RootElement);
            }
        };
        process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Errors => string.Join('\n', _errors);

    /// <summary>Starts the command of this build.</summary>
    public static MetamapProcess Start(params string[] arguments) => StartUnder(_launcher, arguments);

    /// <summary>
    /// Starts a run of paced glyphs that is to be interrupted: its images take ten times as long, so that it goes on for ten seconds
    /// after the iteration that a test waits for, however late the test hears of it.
    /// </summary>
    public static MetamapProcess StartSlowly(params string[] arguments) =>
        StartUnder([.. _launcher.SkipLast(1).DefaultIfEmpty("env"), $"{PacedGlyphDefinition.Milliseconds}=10", "dotnet"], arguments);

    /// <summary>Starts the command of this build by another: <c>strace … dotnet</c>, or <c>env NAME=VALUE dotnet</c>.</summary>
    /// <param name="launcher">The program that is started and its arguments, ending with <c>dotnet</c>.</param>
    /// <param name="arguments">Of the command.</param>
    public static MetamapProcess StartUnder(IReadOnlyList<string> launcher, params string[] arguments)
    {
        ProcessStartInfo start = new(launcher[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (string argument in (IEnumerable<string>)[.. launcher.Skip(1), Repository.Program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return new MetamapProcess(Process.Start(start)!);
    }

    /// <summary>Runs the command to its end, which must be a success, and returns its last JSON event.</summary>
    public static async Task<JsonElement> Run(params string[] arguments)
    {
        using MetamapProcess process = Start(arguments);
        JsonElement last = await process.LastEvent();
        Assert.True(await process.Exit() == 0, $"metamap {string.Join(' ', arguments)} failed:\n{process.Errors}\n{(last.ValueKind == JsonValueKind.Undefined ? "" : last.ToString())}");
        return last;
    }

    /// <summary>Reads events until one fits.</summary>
    public async Task<JsonElement> Await(Func<JsonElement, bool> fits)
    {
        using CancellationTokenSource timeout = new(TestTime.Limit);
        await foreach (JsonElement element in _events.Reader.ReadAllAsync(timeout.Token))
        {
            if (fits(element))
            {
                return element;
            }
        }

        throw new Xunit.Sdk.XunitException($"The process ended before the event came:\n{Errors}");
    }

    /// <summary>Reads events to the end.</summary>
    public async Task<JsonElement> LastEvent()
    {
        using CancellationTokenSource timeout = new(TestTime.Limit);
        JsonElement last = default;
        await foreach (JsonElement element in _events.Reader.ReadAllAsync(timeout.Token))
        {
            last = element;
        }

        return last;
    }

    /// <summary>Reads all events to the end.</summary>
    public async Task<IReadOnlyList<JsonElement>> AllEvents()
    {
        using CancellationTokenSource timeout = new(TestTime.Limit);
        List<JsonElement> events = [];
        await foreach (JsonElement element in _events.Reader.ReadAllAsync(timeout.Token))
        {
            events.Add(element);
        }

        return events;
    }

    /// <summary>The exit code, once the process has ended.</summary>
    public async Task<int> Exit()
    {
        using CancellationTokenSource timeout = new(TestTime.Limit);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    /// <summary>Processes that this one has started.</summary>
    public IReadOnlyList<int> Children() =>
    [
        .. File.ReadAllText($"/proc/{Id}/task/{Id}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Concat(Directory.GetDirectories($"/proc/{Id}/task").SelectMany(task =>
                File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)))
            .Distinct()
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture)),
    ];

    /// <summary>Kills it and waits until it is gone, but not for what it has started and leaves behind.</summary>
    public async Task Kill()
    {
        Signal(SigKill);
        while (!_process.HasExited)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }

    public void Signal(int signal) => Signal(Id, signal);

    public static void Signal(int pid, int signal) => Assert.Equal(0, Kill(pid, signal));

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
