using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Training.Configuration;

namespace MetaMap.Cli.Benchmarks;

/// <summary>Measures one lane by <c>metamap bench lane</c> in a process of its own.</summary>
internal static class LaneProcess
{
    /// <param name="options">The run.</param>
    /// <param name="devices">The device, of which the first is taken.</param>
    /// <param name="seconds">When it is enough; null for all iterations.</param>
    /// <param name="cancellation">Ends the process.</param>
    /// <exception cref="CommandFailedException">The process failed; it has said why on standard error.</exception>
    public static async Task<BenchRun> Measure(RunOptions options, ComputeDevices devices, int? seconds, CancellationToken cancellation)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("metamap-bench-");
        try
        {
            string config = Path.Combine(directory.FullName, "config.json");
            await File.WriteAllTextAsync(config, RunOptionsJson.Write(options), cancellation).ConfigureAwait(false);
            ProcessStartInfo start = OwnProgram.With(
            [
                "bench", "lane", "--json", "--config", config, .. devices.Arguments(),
                .. seconds is { } time ? ["--seconds", time.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
            ]);
            start.RedirectStandardOutput = true;
            start.RedirectStandardError = true;
            using Process process = Process.Start(start)!;
            OwnProgram.PassErrors(process);
            try
            {
                string line = await process.StandardOutput.ReadToEndAsync(cancellation).ConfigureAwait(false);
                await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
                return process.ExitCode == ExitCode.Ok ? JsonSerializer.Deserialize<BenchRun>(line, RunOptionsJson.Conventions)!
                    : throw new CommandFailedException($"The process that measures one lane ended with exit code {process.ExitCode}.");
            }
            finally
            {
                process.Kill();
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
