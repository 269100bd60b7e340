using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace MetaMap.Cli.Hosting;

/// <summary>Worker processes of <c>train --workers N</c>, on loopback; they end with this process.</summary>
internal sealed partial class WorkerProcesses : IDisposable
{
    private const int SigTerm = 15;

    private readonly List<Process> _processes = [];

    /// <summary>Starts workers.</summary>
    /// <param name="count">1 or more.</param>
    /// <param name="coordinator">host:port of the cluster.</param>
    /// <param name="computing">Options that say where they compute, in how many lanes.</param>
    /// <param name="dataDirectory">Folder with the dataset's files.</param>
    /// <param name="tlsDirectory">Folder with the certificates of the cluster; null without TLS.</param>
    public void Start(int count, string coordinator, IReadOnlyList<string> computing, string? dataDirectory, string? tlsDirectory)
    {
        for (int i = 0; i < count; i++)
        {
            string[] arguments =
            [
                "worker", "--coordinator", coordinator,
                "--parent", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), "--quiet", .. computing,
                .. dataDirectory is null ? Array.Empty<string>() : ["--data", dataDirectory],
                .. tlsDirectory is null ? Array.Empty<string>() : ["--tls", tlsDirectory],
            ];
            ProcessStartInfo start = OwnProgram.With(arguments);
            start.RedirectStandardError = true;
            Process process = Process.Start(start)!;
            OwnProgram.PassErrors(process);
            _processes.Add(process);
        }
    }

    /// <summary>Processes that have not ended.</summary>
    public int Running => _processes.Count(process => !process.HasExited);

    /// <summary>Asks the workers to end (SIGTERM), and kills those that are still running after 10 seconds.</summary>
    public void Dispose()
    {
        foreach (Process process in _processes.Where(process => !process.HasExited))
        {
            if (OperatingSystem.IsWindows())
            {
                process.Kill();
            }
            else
            {
                _ = Kill(process.Id, SigTerm);
            }
        }

        foreach (Process process in _processes)
        {
            if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
            {
                process.Kill();
            }

            // Until all that it wrote has been read.
            process.WaitForExit();
            process.Dispose();
        }

        _processes.Clear();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
