using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using MetaMap.Cli.Benchmarks;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Core;
using MetaMap.Training.Configuration;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap bench lane</c>: one lane alone in its process, so that the memory of the process is the lane's.</summary>
internal static class BenchLaneCommand
{
    public static Command Create()
    {
        Command command = new("lane", "Measures one lane without a cluster, and its memory, for the run that the options describe.");
        Option<string?> data = CommonOptions.Data();
        Option<int?> seconds = new("--seconds") { HelpName = "SECONDS", Description = $"Ends after this time, once {BenchTraining.LeastIterations} iterations are done; default: after --iterations." };
        Option<bool> json = CommonOptions.Json();
        command.Example("40 iterations of the default run", "bench lane --iterations 40");
        command.Add(OptionGroups.Data, data);
        command.Add(OptionGroups.Run, seconds);
        DeviceOptions deviceOptions = new(command);
        command.Add(OptionGroups.Output, json);
        RunOptionSet runOptions = new(command, flag => flag != "--patience" && !flag.StartsWith("--eval", StringComparison.Ordinal) && !flag.StartsWith("--validation", StringComparison.Ordinal));
        seconds.CheckAtLeast(1, "--seconds must be 1 or more.");
        command.SetAction((parsed, cancellation) =>
        {
            RunOptions options = runOptions.Read(parsed);
            if (options.Iterations < BenchTraining.LeastIterations)
            {
                throw new ConfigurationException($"--iterations is {options.Iterations}, but it must be {BenchTraining.LeastIterations} or more: the first quarter of them is not measured.");
            }

            ComputeDevices devices = deviceOptions.Find(parsed);
            BenchTraining training = new(options, CommonOptions.OpenDataset(options, parsed.GetValue(data)), devices, parsed.GetValue(data));
            TimeSpan? limit = parsed.GetValue(seconds) is { } given ? TimeSpan.FromSeconds(given) : null;
            BenchRun run = training.ByBareLoop(new RateMeter(options.MetaBatch), lanes: 1, limit, cancellation) with
            {
                PeakMib = Mib(Process.GetCurrentProcess().PeakWorkingSet64),
                GpuMib = devices.All[0].UsedMemoryBytes is { } bytes ? Mib(bytes) : null,
            };
            new Reporter(parsed.GetValue(json)).Event(run, string.Create(CultureInfo.InvariantCulture,
                $"{run.EpisodesPerSecond:F1} episodes/s on {devices.All[0].Description} over {run.Iterations} iterations, {run.PeakMib} MiB")
                + (run.GpuMib is { } gpu ? string.Create(CultureInfo.InvariantCulture, $" and {gpu} MiB on the GPU") : "") + $", sha256 of the parameters {run.ModelSha256}");
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static int Mib(long bytes) => (int)(bytes >> 20);
}
