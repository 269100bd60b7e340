using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
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
    /// <param name="start">The parameters.</param>
    /// <exception cref="ConfigurationException">The options cannot be trained, or there is a run of that name.</exception>
    /// <exception cref="DataException">The data does not fit, or nothing of the parameters can be started from.</exception>
    public async Task Enter(string runId, RunOptions options, RunPolicy policy, bool isAttended, StartingPoint start)
    {
        RunPreparation preparation = _services.Preparation;
        (var training, IEpisodeDataset dataset) = preparation.Open(runId, options);
        policy.Validate();
        BlockSize.Check(training);
        _ = await preparation.Enter(training, policy, isAttended, start.Begin(training, dataset).State).ConfigureAwait(false);
    }
}
