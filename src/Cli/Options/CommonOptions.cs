using System.CommandLine;
using MetaMap.Cli.Hosting;
using MetaMap.Training.Rounds;

namespace MetaMap.Cli.Options;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "One JSON object per line on standard output." };

    public static Option<string?> Data() => new("--data") { Description = "Folder with the dataset's files; not needed for glyphs." };

    public static Option<int> Threads(string what) => new("--threads")
    {
        Description = what,
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    public static Option<string?> Run() => new("--run") { Description = "Name of the run; default: the one started last." };

    public static Option<int> MinWorkers() => new Option<int>("--min-workers")
    {
        Description = "Training pauses while fewer workers are there.",
        DefaultValueFactory = _ => RunPolicy.Default.MinWorkers,
    }.Check(count => (RunPolicy.Default with { MinWorkers = count }).Validate());

    public static Option<string> LogFormat()
    {
        Option<string> option = new("--log-format")
        {
            Description = "text, or json: one object a line, with run, iteration, block and worker as fields.",
            DefaultValueFactory = _ => NodeLog.Text,
        };
        return option.AcceptOnlyFromAmong(NodeLog.Text, NodeLog.Json);
    }

    public static Option<int> HttpPort() => new("--http-port")
    {
        Description = "Port of the HTTP interface.",
        DefaultValueFactory = _ => 8080,
    };
}
