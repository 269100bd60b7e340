using System.CommandLine;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Hosting;
using MetaMap.Core;
using MetaMap.Core.Files;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Rounds;

namespace MetaMap.Cli.Options;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    private const int MostThreads = 1024;

    public static Option<bool> Json() => new("--json") { Description = "One JSON object per line on standard output." };

    public static Option<string?> Data() => new("--data")
    {
        HelpName = "PATH",
        Description = $"Folder or file of the dataset; not needed for {string.Join(", ", PartRegistry.Datasets.All.Where(dataset => !dataset.NeedsFolder).Select(dataset => dataset.Name))}.",
    };

    /// <summary>Opens the dataset of a run, and says on standard error what was guessed, filled in or left out.</summary>
    /// <exception cref="ConfigurationException"><c>--data</c> is missing, or given for a dataset that reads no files.</exception>
    public static IEpisodeDataset OpenDataset(RunOptions options, string? data, TrainingData? model = null)
    {
        if (!options.DatasetDefinition.NeedsFolder && !string.IsNullOrWhiteSpace(data))
        {
            throw new ConfigurationException($"Dataset {options.Dataset} reads no files, so --data {data} would do nothing; leave it out, or train with another --dataset.");
        }

        IEpisodeDataset dataset = options.OpenDataset(data, model);
        foreach (string notice in dataset.Catalog.Notices)
        {
            Notice.Say(notice);
        }

        return dataset;
    }

    /// <summary><c>--threads</c>: lanes on the processor, by default one for each core.</summary>
    public static Option<int> Threads(string what) => new Option<int>("--threads")
    {
        Description = what,
        DefaultValueFactory = _ => Environment.ProcessorCount,
    }.Check(CheckThreads);

    /// <summary>Refuses a number of lanes that cannot be meant.</summary>
    /// <exception cref="ConfigurationException">It is below 1, or far more than processors have cores.</exception>
    public static void CheckThreads(int threads)
    {
        if (threads is < 1 or > MostThreads)
        {
            throw new ConfigurationException($"--threads is {threads}, but it must be {(threads < 1 ? "1 or more" : $"{MostThreads} or less: lanes beyond the cores only wait for one another")}.");
        }
    }

    /// <summary>A file that the command writes; refused before anything is computed where it cannot be.</summary>
    public static Option<string?> Output(string name, string description) => new Option<string?>(name) { HelpName = "FILE", Description = description }.Check(path =>
    {
        if (path is not null && string.IsNullOrWhiteSpace(path))
        {
            throw new ConfigurationException($"{name} names no file; give the path of the file to write.");
        }

        if (path is not null && DurableFile.Problem(path) is { } problem)
        {
            throw new ConfigurationException($"{name} {path} {problem}.");
        }
    });

    /// <summary>Refuses to write over the file that is read.</summary>
    public static void RefuseOver(this Command command, Option<string?> output, Option<string?> input) => command.Check(given =>
    {
        if (given.GetValue(output) is { Length: > 0 } written && given.GetValue(input) is { Length: > 0 } read && Path.GetFullPath(written) == Path.GetFullPath(read))
        {
            throw new ConfigurationException($"{output.Name} {written} is the file that {input.Name} names, and it would be lost; name another one.");
        }
    });

    public static Option<string?> Run() => new("--run") { HelpName = "NAME", Description = "Name of the run; default: the one started last." };

    public static Option<int> MinWorkers() => new Option<int>("--min-workers")
    {
        Description = "Fewest workers to train with, 1 or more; with fewer, training pauses until others join.",
        DefaultValueFactory = _ => RunPolicy.Default.MinWorkers,
    }.Check(count => (RunPolicy.Default with { MinWorkers = count }).Validate());

    public static Option<string> LogFormat()
    {
        Option<string> option = new("--log-format")
        {
            HelpName = $"{NodeLog.Text}|{NodeLog.Json}",
            Description = "text, or json: one object a line, with run, iteration, block and worker as fields.",
            DefaultValueFactory = _ => NodeLog.Text,
        };
        return option.AcceptOnlyFromAmong(NodeLog.Text, NodeLog.Json);
    }

    /// <summary><c>--init</c>: the file that a run starts from.</summary>
    public static Option<string?> Init() => new("--init")
    {
        HelpName = "FILE",
        Description = "Starts from the parameters of this file, by name and shape: a MetaMap model, or any safetensors file with floating-point tensors of the network's names, such as one exported from PyTorch.",
    };
}
