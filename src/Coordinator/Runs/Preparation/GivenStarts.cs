using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Preparation;

/// <summary>Enters runs that start from given parameters into the store, with these: whoever claims such a run finds them there.</summary>
public sealed class GivenStarts
{
    private readonly RunServices _services;

    internal GivenStarts(RunServices services) => _services = services;

    /// <summary>Enters a run, which is then to be started as one that goes on.</summary>
    /// <param name="runId">Its name.</param>
    /// <param name="options">Its options, which name the parameters.</param>
    /// <param name="policy">How it shares the cluster.</param>
    /// <param name="isAttended">Whether it belongs to the command that trains it.</param>
    /// <param name="dataPath">What it names in each node's folder of data; null for all of it.</param>
    /// <param name="start">The parameters.</param>
    /// <returns>What it takes of the parameters.</returns>
    /// <exception cref="ConfigurationException">The options cannot be trained, or there is a run of that name.</exception>
    /// <exception cref="DataException">The data does not fit, or nothing of the parameters can be started from.</exception>
    public async Task<string> Enter(string runId, RunOptions options, RunPolicy policy, bool isAttended, string? dataPath, StartingPoint start)
    {
        RunPreparation preparation = _services.Preparation;
        (var training, IEpisodeDataset dataset) = preparation.Open(runId, options, dataPath);
        policy.Validate();
        BlockSize.Check(training);
        (MetaState first, string notice) = start.Begin(training, dataset);
        _ = await preparation.Enter(training, policy, isAttended, dataPath, first).ConfigureAwait(false);
        return notice;
    }
}
