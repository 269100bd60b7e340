using MetaMap.Coordinator.Sessions;
using MetaMap.Core;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Tests.Sessions;

/// <summary>What a store of sessions promises, whichever it is.</summary>
public abstract class SessionStoreContract
{
    private static readonly byte[] _model = [1, 2, 3];
    private static readonly byte[] _support = [4, 5];

    private protected abstract ISessionStore Store { get; }

    /// <summary>Damages the stored examples of a session.</summary>
    private protected abstract Task Damage(StoredSession session);

    /// <summary>Number of stored models.</summary>
    private protected abstract Task<long> Models();

    protected async Task Added_IsFoundAndLoadedUntilItIsDeleted()
    {
        StoredSession session = await Add(TimeSpan.FromHours(1));
        StoredSession found = (await Store.Find(session.SessionId))!;
        Assert.Equal(session.Labels.AsEnumerable(), found.Labels);
        Assert.Equal(session with { Labels = found.Labels }, found);
        SessionContent content = (await Store.Load(found))!;
        Assert.Equal(_model, content.Model.ToArray());
        Assert.Equal(_support, content.Support.ToArray());
        Assert.True(await Store.Delete(session.SessionId));
        Assert.False(await Store.Delete(session.SessionId));
        Assert.Null(await Store.Find(session.SessionId));
        Assert.Null(await Store.Load(session));
    }

    protected async Task Expired_IsNotFoundAndSweptWithItsModel()
    {
        StoredSession over = await Add(TimeSpan.FromHours(-1));
        Assert.Null(await Store.Find(over.SessionId));
        StoredSession alive = await Add(TimeSpan.FromHours(1));
        await Store.Sweep();
        Assert.Equal((1, 1), (await Store.Count(), await Models()));
        Assert.Equal(_model, (await Store.Load(alive))!.Model.ToArray());
        await Store.Delete(alive.SessionId);
        await Store.Sweep();
        Assert.Equal((0, 0), (await Store.Count(), await Models()));
    }

    protected async Task NameThatIsNone_IsNothing()
    {
        foreach (string name in (string[])["", "..", "../x", new string('g', 32), new string('a', 32)])
        {
            Assert.Null(await Store.Find(name));
            Assert.False(await Store.Delete(name));
        }

        await Store.Sweep();
    }

    protected async Task Damaged_IsToldInASentence()
    {
        StoredSession session = await Add(TimeSpan.FromHours(1));
        await Damage(session);
        Assert.EndsWith("is damaged: adapt again.", (await Assert.ThrowsAsync<DataException>(() => Store.Load(session))).Message, StringComparison.Ordinal);
    }

    private async Task<StoredSession> Add(TimeSpan lifetime)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        StoredSession session = new(SessionId.New().Value, "r", 3, ["a", "b"], now, now + lifetime, BlobStore.IdOf(_model), BlobStore.IdOf(_support));
        await Store.Add(session, new SessionContent(_model, _support));
        return session;
    }
}
