using MetaMap.Core;
using MetaMap.Core.Episodes;
using MetaMap.Core.Training;
using MetaMap.Shared.Messages;
using MetaMap.Shared.Serialization;

namespace MetaMap.Coordinator.Runs;

/// <summary>
/// Refuses runs whose messages nodes could not send. Their lengths depend on the options alone: a lease is the longest of a
/// block's messages, and every other block of the run is as long or shorter.
/// </summary>
public static class RunFrames
{
    /// <summary>Room for the path of a blob holder.</summary>
    private static readonly string _longestPath = new('h', 300);

    /// <summary>Checks the leases of training and evaluations, and the invitation to workers.</summary>
    /// <exception cref="ConfigurationException">One is too long; says what to change.</exception>
    public static void RequireFit(MetaTraining training)
    {
        RunId runId = new(training.RunId);
        EpisodeBlock block = training.OpenRound(training.Begin()).Blocks[0].Block;
        BlobId blob = new(new string('0', 64), 0);
        ControlSerializer.RequireFit(
            new EvaluationLeased(runId, 1, 1, block, 1, blob, _longestPath),
            $"A block of {block.Episodes.Length} episodes of {training.Options.EpisodeShape()}", "take a smaller --block, or fewer --ways, --shots or --queries");
        ControlSerializer.RequireFit(RunPublication.Opened(training, 1), $"The options of run {training.RunId}", "give shorter texts");
    }
}
