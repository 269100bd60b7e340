using System.Collections.Immutable;
using MetaMap.Coordinator.Runs.Machine;
using MetaMap.Core;
using MetaMap.Shared.Messages;
using MetaMap.Shared.Serialization;
using MetaMap.Training.Baselines;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Preparation;

/// <summary>
/// Checks that a run's messages are short enough to be sent between nodes. Longer ones would never arrive, so such a run is
/// refused at its start. A block's messages grow by the same number of bytes with each episode, so two lengths give all.
/// </summary>
internal static class BlockSize
{
    // Names and addresses of the greatest length.
    private static readonly WorkerId _worker = new(new string('w', 100));
    private static readonly string _holder = new('h', 300);
    private static readonly BlobId _blob = new(new string('0', 64), int.MaxValue);

    /// <summary>Refuses a run whose blocks would make messages too long.</summary>
    /// <exception cref="ConfigurationException">The messages would be too long; says which option to change.</exception>
    public static void Check(MetaTraining training)
    {
        RunOptions options = training.Options;
        if (ControlSerializer.LengthOf(RunMachine.Opened(training, RunPolicy.Default.Weight, null)) > ControlCodec.MaximumMessageBytes)
        {
            throw new ConfigurationException($"The options of run {training.RunId} do not fit into a message between nodes ({ControlCodec.MaximumMessageBytes} bytes): give shorter texts.");
        }

        int most = Most(training);
        if (most >= options.Block)
        {
            return;
        }

        throw new ConfigurationException(most == 0
            ? $"One episode of {options.EpisodeShape} with {options.Queries} queries does not fit into a message between nodes ({ControlCodec.MaximumMessageBytes} bytes): give fewer --ways, --shots or --queries."
            : $"A block of {options.Block} episodes does not fit into a message between nodes ({ControlCodec.MaximumMessageBytes} bytes): give --block {most} or less.");
    }

    /// <summary>Episodes in the longest block that fits, 0 or more.</summary>
    public static int Most(MetaTraining training)
    {
        RunId run = new(training.RunId.PadRight(100, 'r'));
        Episode episode = training.EpisodeOf(1, 0);
        LeaseId lease = new(run, RoundId.Iteration(int.MaxValue), int.MaxValue, int.MaxValue);
        Func<int, IControlMessage>[] messages =
        [
            count => new BlockLeased(lease, Repeat(episode, count), int.MaxValue, true, _blob, _holder),
            count => new BlockAdapted(lease, _worker, _blob, training.Layout.Digest, Repeat(default(EpisodeMetrics), count), _blob, _holder),
            count => new BlockEvaluated(lease, _worker, Repeat(new EvaluatedEpisode(default, [.. EpisodeBaselines.NamesFor(training.Options, training.Catalog).Select(_ => 0f)]), count)),
        ];
        return messages.Min(Most);
    }

    private static int Most(Func<int, IControlMessage> message)
    {
        long one = ControlSerializer.LengthOf(message(1));
        long more = ControlSerializer.LengthOf(message(2)) - one;
        return one > ControlCodec.MaximumMessageBytes ? 0 : (int)(1 + ((ControlCodec.MaximumMessageBytes - one) / more));
    }

    private static ImmutableArray<T> Repeat<T>(T one, int count) => [.. Enumerable.Repeat(one, count)];
}
