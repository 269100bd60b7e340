using System.Globalization;
using MetaMap.Cli.Help;
using MetaMap.Cli.Options;
using MetaMap.Coordinator;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Shared.Security;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Rounds;

namespace MetaMap.Cli.Training;

/// <summary>One invocation of <c>train</c>, with all options resolved.</summary>
/// <param name="RunId">Name of the run.</param>
/// <param name="Options">The options of the run.</param>
/// <param name="Directory">Full path of the run's directory.</param>
/// <param name="Resume">Go on from the newest checkpoint.</param>
/// <param name="Devices">Where it is computed.</param>
/// <param name="Dataset">For the evaluation at the end.</param>
/// <param name="DataDirectory">Folder with the dataset's files.</param>
/// <param name="Workers">Worker processes; 0: a worker in this process.</param>
/// <param name="Threads">Lanes of each worker on the processor.</param>
/// <param name="Policy">How the run uses its workers.</param>
/// <param name="HttpPort">Port for HTTP; null for the first free one from the default on.</param>
/// <param name="Tls">Certificate of every node; null without TLS.</param>
/// <param name="TlsDirectory">Folder that <paramref name="Tls"/> was read from, for the worker processes.</param>
/// <param name="Tokens">Tokens that HTTP requires; null when it is open.</param>
/// <param name="Start">Parameters that a new run starts from; null for those drawn by the seed.</param>
internal sealed record TrainingPlan(
    RunId RunId, RunOptions Options, string Directory, bool Resume, ComputeDevices Devices, IEpisodeDataset Dataset, string? DataDirectory, int Workers, int Threads,
    RunPolicy Policy, int? HttpPort, NodeCertificate? Tls = null, string? TlsDirectory = null, AccessTokens? Tokens = null,
    StartingPoint? Start = null)
{
    /// <summary>The command that goes on with the run.</summary>
    public string Resuming => $"{OwnName.Called} train --resume {OwnName.Quoted(Directory)}{(Workers > 0 ? string.Create(CultureInfo.InvariantCulture, $" --workers {Workers}") : "")}{Hints.Node(TlsDirectory)}";

    /// <summary>Which versions of the run stay stored.</summary>
    public KeptVersions Kept { get; init; } = KeptVersions.Default;
}
