using MetaMap.Coordinator.Stores;
using MetaMap.Core;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Lifecycle;

/// <summary>Enters models from files into the store, as finished runs that can be queried and adapted.</summary>
public sealed class ServedModels
{
    private readonly IRunStore _store;
    private readonly TimeProvider _time;

    internal ServedModels(IRunStore store, TimeProvider time) => (_store, _time) = (store, time);

    /// <summary>Enters a model under the name of its run.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="ConfigurationException">There is a run of that name, or no run could have it.</exception>
    public Task Enter(ModelFile model)
    {
        if (!RunName.IsName(model.RunId))
        {
            throw new ConfigurationException(RunName.Explain(model.RunId));
        }

        return _store.Create(new StoredRun(model.RunId, model.Options, RunPolicy.Default, model.Shape, RunStatus.Finished, IsAttended: false, _time.GetUtcNow()) { Data = model.Data }, model.Begin());
    }
}
