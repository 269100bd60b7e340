using MetaMap.Coordinator.Stores;

namespace MetaMap.Coordinator.Sessions;

/// <summary>Stores the sessions of a cluster: whichever coordinator is asked finds them, after a restart, too. Safe for concurrent use.</summary>
/// <remarks>Every method throws <see cref="StoreException"/> when the store itself does not work.</remarks>
internal interface ISessionStore
{
    /// <summary>Adds a session. A model that several sessions share is stored once.</summary>
    Task Add(StoredSession session, SessionContent content);

    /// <summary>A session; null when there is none of that name, or it is over.</summary>
    Task<StoredSession?> Find(string sessionId);

    /// <summary>What a session is made of; null when it is over.</summary>
    /// <exception cref="Core.DataException">It is damaged.</exception>
    Task<SessionContent?> Load(StoredSession session);

    /// <summary>Number of sessions that are not over.</summary>
    Task<int> Count();

    /// <summary>Ends a session.</summary>
    /// <returns>False when there was none.</returns>
    Task<bool> Delete(string sessionId);

    /// <summary>Removes sessions that are over, and models that no session needs any more.</summary>
    Task Sweep();
}
