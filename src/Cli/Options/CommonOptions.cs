using System.CommandLine;
using MetaMap.Cli.Hosting;

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

    public static Option<int> MinWorkers() => new("--min-workers")
    {
        Description = "Training pauses while fewer workers are there.",
        DefaultValueFactory = _ => 1,
    };

    public static Option<LogFormat> LogFormat() => new("--log-format")
    {
        Description = "Log lines on standard error: text for people, json with run, iteration, block and worker as fields.",
        DefaultValueFactory = _ => Hosting.LogFormat.Text,
    };

    public static Option<int> HttpPort() => new("--http-port")
    {
        Description = "Port of the HTTP interface.",
        DefaultValueFactory = _ => 8080,
    };
}
