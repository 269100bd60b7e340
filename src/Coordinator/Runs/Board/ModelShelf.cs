using System.Collections.Concurrent;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;

namespace MetaMap.Coordinator.Runs.Board;

/// <summary>A model of a run in the store.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Created">When it was started: a name may be used again.</param>
/// <param name="Version">The version; null for the current one of what follows.</param>
/// <param name="Iteration">Committed iterations.</param>
/// <param name="Status">The status of the run: a finished one may publish its best version.</param>
internal readonly record struct ModelKey(string RunId, DateTimeOffset Created, int? Version, int Iteration, RunStatus Status);

/// <summary>
/// Models that were read from the store, for as long as somebody still sends them: a version that many ask for is read once, and
/// stays readable for who has begun when the store drops it. Thread-safe.
/// </summary>
internal sealed class ModelShelf
{
    private readonly ConcurrentDictionary<ModelKey, WeakReference<ModelFile>> _models = new();
    private readonly ConcurrentDictionary<ModelKey, Lazy<Task<ModelFile?>>> _readings = new();

    /// <summary>A model, from here or from the store.</summary>
    /// <param name="key">The model.</param>
    /// <param name="read">Reads it; null when it is not kept.</param>
    public Task<ModelFile?> Take(ModelKey key, Func<Task<ModelFile?>> read) =>
        _models.TryGetValue(key, out WeakReference<ModelFile>? known) && known.TryGetTarget(out ModelFile? model) ? Task.FromResult<ModelFile?>(model)
            : _readings.GetOrAdd(key, _ => new Lazy<Task<ModelFile?>>(() => Read(key, read))).Value;

    private async Task<ModelFile?> Read(ModelKey key, Func<Task<ModelFile?>> read)
    {
        try
        {
            ModelFile? model = await read().ConfigureAwait(false);
            foreach ((ModelKey old, WeakReference<ModelFile> reference) in _models)
            {
                if (!reference.TryGetTarget(out _))
                {
                    _models.TryRemove(old, out _);
                }
            }

            if (model is not null)
            {
                _models[key] = new WeakReference<ModelFile>(model);
            }

            return model;
        }
        finally
        {
            _readings.TryRemove(key, out _);
        }
    }
}
