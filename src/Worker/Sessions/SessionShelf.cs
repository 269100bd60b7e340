using Akka.Actor;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;

namespace MetaMap.Worker.Sessions;

/// <summary>
/// What the sessions of a worker may hold in memory: the session that nobody asked for longest is told to leave when there are too many. And the meta-models that
/// were adapted last, which the next session usually needs, too. Safe for concurrent use.
/// </summary>
/// <param name="mostBytes">Most bytes of adapted models.</param>
internal sealed class SessionShelf(long mostBytes)
{
    private const int MostModels = 4;

    private readonly Lock _gate = new();
    private readonly List<(IActorRef Session, long Bytes)> _sessions = [];
    private readonly List<(BlobId Blob, ModelFile Model)> _models = [];

    /// <summary>A session holds a model, or was asked for one.</summary>
    /// <param name="session">Its entity.</param>
    /// <param name="bytes">What it holds.</param>
    /// <returns>Those that have to leave; never this one.</returns>
    public IReadOnlyList<IActorRef> Use(IActorRef session, long bytes)
    {
        lock (_gate)
        {
            _sessions.RemoveAll(held => held.Session.Equals(session));
            _sessions.Add((session, bytes));
            List<IActorRef> leaving = [];
            long held = _sessions.Sum(one => one.Bytes);
            while (held > mostBytes && _sessions.Count > 1)
            {
                leaving.Add(_sessions[0].Session);
                held -= _sessions[0].Bytes;
                _sessions.RemoveAt(0);
            }

            return leaving;
        }
    }

    /// <summary>A session holds nothing any more.</summary>
    public void Remove(IActorRef session)
    {
        lock (_gate)
        {
            _sessions.RemoveAll(held => held.Session.Equals(session));
        }
    }

    /// <summary>A meta-model that a session was adapted from lately; null when it has to be fetched.</summary>
    public ModelFile? Model(BlobId blob)
    {
        lock (_gate)
        {
            return _models.Find(one => one.Blob == blob).Model;
        }
    }

    /// <summary>A meta-model that a session is adapted from.</summary>
    public void Put(BlobId blob, ModelFile model)
    {
        lock (_gate)
        {
            _models.RemoveAll(one => one.Blob == blob);
            _models.Add((blob, model));
            _models.RemoveRange(0, Math.Max(0, _models.Count - MostModels));
        }
    }
}
