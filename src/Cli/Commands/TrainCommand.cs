using System.CommandLine;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Cli.Training;
using MetaMap.Coordinator.Runs;
using MetaMap.Coordinator.Stores.Directories;
using MetaMap.Core;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Rounds;
using MetaMap.Core.Training;
using MetaMap.Learning.Native;
using MetaMap.Shared.Messages;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap train</c>: trains on a local cluster, evaluates, and leaves a model file.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        Command command = new("train", "Trains on a local cluster (a worker in this process, or --workers N processes), evaluates on unseen classes, and leaves a model file.");
        Option<string?> data = CommonOptions.Data();
        Option<string?> output = new("--out") { Description = "Directory of the run; default: runs/ and a name made from the options and the time." };
        Option<string?> resume = new("--resume") { Description = "Directory of a run to go on with, from its newest checkpoint." };
        Option<int> workers = new("--workers") { Description = "Worker processes to start on loopback; 0: a worker in this process." };
        Option<int?> threads = new("--threads") { Description = "Lanes of each worker; default: the cores, shared among the workers." };
        Option<int> minWorkers = CommonOptions.MinWorkers();
        Option<int> httpPort = CommonOptions.HttpPort();
        Option<bool> json = CommonOptions.Json();
        foreach (Option option in new Option[] { data, output, resume, workers, threads, minWorkers, httpPort, json })
        {
            command.Add(option);
        }

        NodeSecurity security = NodeSecurity.OfLocalCluster(command);
        RunOptionSet runOptions = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            string? resumed = parsed.GetValue(resume);
            if (resumed is not null && parsed.GetValue(output) is not null)
            {
                throw new ConfigurationException("--resume and --out exclude each other: a resumed run stays in its directory.");
            }

            if (parsed.GetValue(workers) < 0 || parsed.GetValue(threads) < 1)
            {
                throw new ConfigurationException("--workers must be 0 or more and --threads 1 or more.");
            }

            (RunPolicy.Default with { MinWorkers = parsed.GetValue(minWorkers) }).Validate();
            if (parsed.GetValue(minWorkers) > Math.Max(1, parsed.GetValue(workers)))
            {
                throw new ConfigurationException($"--min-workers is {parsed.GetValue(minWorkers)}, but train has {Math.Max(1, parsed.GetValue(workers))}; start more with --workers.");
            }

            RunOptions options = runOptions.Read(parsed, resumed is null ? null : new RunDirectory(resumed).ReadOptions());
            string directory = DirectoryFrom(resumed ?? parsed.GetValue(output) ?? Path.Combine("runs", RunName.For(options, TimeProvider.System).Value));
            RunId runId = new(Path.GetFileName(directory));
            IEpisodeDataset dataset = DatasetRegistry.Open(options, parsed.GetValue(data));

            // Says at once what cannot be trained.
            MetaTraining training = new(runId.Value, options, dataset.Catalog);
            if (resumed is not null)
            {
                RunDirectory stored = new(directory);
                RunPreparation.CheckResumed(stored.ReadOptions(), training.Options, directory);
                _ = DirectoryStore.Newest(stored, training.Layout);
            }

            TorchRuntime.Initialize();
            TrainingPlan plan = new(
                runId, options, directory, resumed is not null, dataset, parsed.GetValue(data), parsed.GetValue(workers),
                parsed.GetValue(threads) ?? Math.Max(1, Environment.ProcessorCount / Math.Max(1, parsed.GetValue(workers))),
                parsed.GetValue(minWorkers), parsed.GetValue(httpPort),
                security.Tls(parsed), security.TlsDirectory(parsed), security.Tokens(parsed));
            return await new TrainingSession(plan, new Reporter(parsed.GetValue(json))).Run(cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static string DirectoryFrom(string path)
    {
        // Without its last separator, so that the parent and the name are what they seem.
        string directory = string.IsNullOrWhiteSpace(path) ? "" : Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Path.GetFileName(directory).Length > 0 ? directory
            : throw new ConfigurationException($"'{path}' cannot be the directory of a run; name a folder below it.");
    }
}
