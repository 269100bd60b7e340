using System.CommandLine;
using MetaMap.Cli.Help;
using MetaMap.Training.Checkpoints;

namespace MetaMap.Cli.Options;

/// <summary>Options for which versions of a run stay stored.</summary>
internal sealed class KeptVersionOptions
{
    private readonly Option<int> _newest = new Option<int>("--keep-versions")
    {
        Description = "The newest committed versions of each run that stay stored and can be downloaded, 1 or more.", DefaultValueFactory = _ => KeptVersions.Default.Newest,
    }.Check(count => (KeptVersions.Default with { Newest = count }).Validate());

    private readonly Option<int> _every = new Option<int>("--keep-every")
    {
        Description = "Keeps the version after every so many iterations for good, as well. 0: none.", DefaultValueFactory = _ => KeptVersions.Default.Every,
    }.Check(count => (KeptVersions.Default with { Every = count }).Validate());

    /// <summary>Adds the options to a command.</summary>
    public KeptVersionOptions(Command command)
    {
        command.Add(OptionGroups.Output, _newest, _every);
    }

    /// <summary>What is kept.</summary>
    public KeptVersions Read(ParseResult parsed) => new(parsed.GetValue(_newest), parsed.GetValue(_every));
}
