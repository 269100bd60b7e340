using System.CommandLine;
using System.Globalization;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Core;
using MetaMap.Data.Downloads;
using MetaMap.Training.Configuration;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap data download</c>: fetches a public dataset's files.</summary>
internal static class DataCommand
{
    public static Command Create()
    {
        Command command = new("data", "Downloads public datasets.");
        Command download = new("download", "Downloads a dataset's files to --data; what is there already is not fetched again.");
        Argument<string> name = new("name") { Description = "Name of the dataset, e.g. omniglot." };
        Option<string?> data = CommonOptions.Data();
        Option<bool> json = CommonOptions.Json();
        name.CompletionSources.Add(_ => PartRegistry.Datasets.All.Where(dataset => dataset.Source is not null).Select(dataset => dataset.Name));
        download.Example("the two archives of Omniglot", "data download omniglot --data omniglot");
        download.Add(name);
        download.Add(OptionGroups.Data, data);
        download.Add(OptionGroups.Output, json);
        download.Check(given =>
        {
            if (string.IsNullOrEmpty(given.GetValue(data)))
            {
                throw new ConfigurationException("data download needs --data, the folder to write the files to.");
            }
        });
        download.SetAction(async (parsed, cancellation) =>
        {
            string directory = parsed.GetValue(data)!;
            using HttpClient client = new() { Timeout = TimeSpan.FromMinutes(1) };
            DownloadSource[] sources = [.. PartRegistry.Datasets.All.Select(dataset => dataset.Source).OfType<DownloadSource>()];
            await new DatasetDownloads(client, sources).DownloadAsync(parsed.GetValue(name)!, directory, new Lines(), cancellation);
            new Reporter(parsed.GetValue(json)).Event(
                new { Event = "downloaded", Dataset = parsed.GetValue(name), Directory = directory }, $"{parsed.GetValue(name)} is in {directory}");
            return ExitCode.Ok;
        });
        command.Add(download);
        return command;
    }

    /// <summary>Writes a line to standard error for each file and each further tenth of it.</summary>
    private sealed class Lines : IProgress<DownloadProgress>
    {
        private (string File, long Tenth) _last;

        public void Report(DownloadProgress value)
        {
            long tenth = value.LengthBytes > 0 ? 10 * value.ReceivedBytes / value.LengthBytes : 0;
            if (_last != (value.File, tenth))
            {
                _last = (value.File, tenth);
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value.File}: {10 * tenth}% of {value.LengthBytes / 1e6:f1} MB"));
            }
        }
    }
}
