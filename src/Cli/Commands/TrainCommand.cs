using System.CommandLine;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Cli.Training;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Coordinator;
using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Core.Files;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap train</c>: trains on a local cluster, evaluates, and leaves a model file.</summary>
internal static class TrainCommand
{
    private const int MostWorkers = 256;

    public static Command Create()
    {
        Command command = new("train", "Trains on a local cluster (a worker in this process, or --workers N processes), evaluates on unseen classes, and leaves a model file.");
        Option<string?> data = CommonOptions.Data();
        Option<string?> output = new("--out") { HelpName = "DIR", Description = "Directory of the run; default: runs/ and a name made from the options and the time." };
        Option<string?> resume = new("--resume") { HelpName = "DIR", Description = "Directory of a run to go on with, from its newest checkpoint." };
        Option<string?> init = CommonOptions.Init();
        Option<int> workers = new("--workers") { Description = "Worker processes to start on loopback; 0: a worker in this process." };
        Option<int?> threads = new("--threads") { Description = "Lanes of each worker; default: the cores, shared among the workers." };
        Option<int> minWorkers = CommonOptions.MinWorkers();
        Option<int?> httpPort = new("--http-port") { HelpName = "PORT", Description = $"Port of the HTTP interface; default: {CoordinatorSettings.DefaultHttpPort}, or the next free one." };
        Option<bool> json = CommonOptions.Json();
        command.Example("5-way 1-shot MAML on drawn characters, which need no data", "train");
        command.Example("your own images, in a folder for each class", "train --dataset images --data DIR --shots 5");
        command.Example("regression, with three worker processes", "train --dataset sinusoid --shots 5 --queries 10 --workers 3");
        command.Example("go on with a run that was stopped", "train --resume runs/NAME");
        command.Add(OptionGroups.Data, data);
        command.Add(OptionGroups.Run, resume, init);
        command.Add(OptionGroups.Cluster, workers, minWorkers);
        command.Add(OptionGroups.Computing, threads);
        command.Add(OptionGroups.Output, output, json);
        command.Add(OptionGroups.Http, httpPort);

        threads.Check(lanes => CommonOptions.CheckThreads(lanes ?? 1));
        workers.Check(count =>
        {
            if (count is < 0 or > MostWorkers)
            {
                throw new ConfigurationException($"--workers is {count}, but it must be {(count < 0 ? "0 or more" : $"{MostWorkers} or less, since each is a process on this machine")}.");
            }
        });
        DeviceOptions devices = new(command, threads);
        KeptVersionOptions kept = new(command);
        NodeSecurity security = NodeSecurity.OfLocalCluster(command);
        RunOptionSet runOptions = new(command);
        command.Check(given =>
        {
            if (given.GetValue(resume) is not null && given.GetValue(output) is not null)
            {
                throw new ConfigurationException("--resume and --out exclude each other: a resumed run stays in its directory.");
            }

            if (given.GetValue(resume) is not null && given.GetValue(init) is not null)
            {
                throw new ConfigurationException("--resume goes on with the parameters of its run, so --init would not be read; leave it out.");
            }

            int most = Math.Max(1, given.GetValue(workers));
            if (given.GetValue(minWorkers) > most)
            {
                throw new ConfigurationException(
                    $"--min-workers is {given.GetValue(minWorkers)}, but there would be only {most} worker{(most == 1 ? "" : "s")}, so training would never begin; start more with --workers, or leave out --min-workers.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            string? resumed = parsed.GetValue(resume);
            StartingPoint? start = parsed.GetValue(init) is { } file ? StartingPoint.Read(file) : null;
            (RunOptions options, string? notice) = resumed is null ? runOptions.Read(parsed, start) : (runOptions.Read(parsed, new RunDirectory(resumed).ReadOptions()), null);
            Say(notice);
            string directory = DirectoryFrom(resumed ?? parsed.GetValue(output) ?? Path.Combine("runs", RunName.For(options, TimeProvider.System).Value));
            if (resumed is null)
            {
                new RunDirectory(directory).RequireFree();
            }

            RunId runId = new(Path.GetFileName(directory));
            string? source = parsed.GetValue(data) ?? (resumed is null ? null : new RunDirectory(resumed).ReadDataSource());
            IEpisodeDataset dataset = CommonOptions.OpenDataset(options, source);

            bool isUnchanged = resumed is not null && options == new RunDirectory(resumed).ReadOptions();
            // Refuses at once what cannot be trained.
            MetaTraining training = new(runId.Value, options, dataset.Catalog);
            options = training.Options;
            if (start is not null || (resumed is null && options.InitSha256 is not null))
            {
                Say(start is null ? throw new ConfigurationException($"The options name parameters to start from ({RunOptions.InitKey}); give their file with --init.") : start.Begin(training, dataset).Notice);
            }

            if (resumed is not null)
            {
                RunDirectory stored = new(directory);
                (RunOptions before, int trained) = (stored.ReadOptions(), stored.KeptIterations().FirstOrDefault());
                ResumedRun.Check(before, trained, training.Options, directory);
                // A damaged model does not keep a run from going on: its checkpoints are whole, and what is stored of the run is checked, too.
                stored.ReadData()?.Require(runId.Value, dataset.Catalog);
                _ = stored.Newest(training.Layout);
                _ = JournalFile.Check(stored);
                if (isUnchanged && await FinishedRun.Find(training, stored).ConfigureAwait(false) is { } finished)
                {
                    finished.TellAgain(new Reporter(parsed.GetValue(json)));
                    return ExitCode.Ok;
                }

                Say(ResumedRun.Change(before, trained, training.Options));
            }

            TrainingPlan plan = new(
                runId, options, directory, resumed is not null, devices.Find(parsed), dataset, source, parsed.GetValue(workers),
                parsed.GetValue(threads) ?? Math.Max(1, Environment.ProcessorCount / Math.Max(1, parsed.GetValue(workers))),
                RunPolicy.Default with { MinWorkers = parsed.GetValue(minWorkers) }, parsed.GetValue(httpPort),
                security.Tls(parsed), security.TlsDirectory(parsed), security.Tokens(parsed), start) { Kept = kept.Read(parsed) };
            return await new TrainingSession(plan, new Reporter(parsed.GetValue(json))).Run(cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static void Say(string? notice)
    {
        if (notice is not null)
        {
            Notice.Say(notice);
        }
    }

    private static string DirectoryFrom(string path)
    {
        // Without a trailing separator, which would change the parent and the name.
        string directory = string.IsNullOrWhiteSpace(path) ? "" : Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Path.GetFileName(directory).Length > 0
            ? PathProblem.Folder(directory) is { } problem ? throw new ConfigurationException($"{path} {problem}.") : directory
            : throw new ConfigurationException($"'{path}' cannot be the directory of a run; name a folder below it.");
    }
}
