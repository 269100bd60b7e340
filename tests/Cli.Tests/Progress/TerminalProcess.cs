using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests.Progress;

/// <summary>The command on a terminal of 80 columns, which <c>script</c> of util-linux makes, and what stands there.</summary>
internal sealed partial class TerminalProcess : IDisposable
{
    public const int Columns = 80;
    public const int SigInt = 2;
    public const int SigKill = 9;

    private readonly Process _process;
    private readonly StringBuilder _written = new();
    private readonly Task _reading;

    /// <summary>Starts the command.</summary>
    /// <param name="arguments">Its arguments, as a shell reads them.</param>
    public TerminalProcess(string arguments)
    {
        ProcessStartInfo start = new("script") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (string argument in new[] { "-qefc", $"stty cols {Columns} rows 24; exec env --default-signal=INT dotnet '{Repository.Program}' {arguments}", "/dev/null" })
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["TERM"] = "xterm-256color";
        start.Environment.Remove("CI");
        _process = Process.Start(start)!;
        _reading = Read();
    }

    /// <summary>Everything that it wrote.</summary>
    public string Written
    {
        get
        {
            lock (_written)
            {
                return _written.ToString();
            }
        }
    }

    /// <summary>The lines that a reader sees, from the first to the last.</summary>
    public IReadOnlyList<string> Lines => Screen.Lines(Written, Columns);

    /// <summary>The command's own process.</summary>
    public int Id => Children(_process.Id).Single();

    /// <summary>Processes that another one has started.</summary>
    public static IReadOnlyList<int> Children(int id) =>
    [
        .. Directory.GetDirectories($"/proc/{id}/task").SelectMany(task => File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Distinct().Select(id => int.Parse(id, CultureInfo.InvariantCulture)),
    ];

    /// <summary>Waits until the lines are as wanted.</summary>
    public async Task Await(Func<IReadOnlyList<string>, bool> wanted)
    {
        using CancellationTokenSource patience = new(TestTime.Limit);
        while (!wanted(Lines))
        {
            Assert.False(_reading.IsCompleted && !wanted(Lines), $"The command has ended:\n{string.Join('\n', Lines)}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }
    }

    /// <summary>The exit code, once it has ended.</summary>
    public async Task<int> Exit()
    {
        await _process.WaitForExitAsync().WaitAsync(TestTime.Limit);
        await _reading.WaitAsync(TestTime.Limit);
        return _process.ExitCode;
    }

    public static void Signal(int id, int signal) => Assert.Equal(0, Kill(id, signal));

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private async Task Read()
    {
        char[] some = new char[4096];
        while (await _process.StandardOutput.ReadAsync(some) is > 0 and int count)
        {
            lock (_written)
            {
                _written.Append(some, 0, count);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
