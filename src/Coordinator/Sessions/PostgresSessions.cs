using System.Text.Json;
using MetaMap.Coordinator.Stores.Postgres;
using MetaMap.Core;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;

namespace MetaMap.Coordinator.Sessions;

/// <summary>Stores sessions in the database of the runs.</summary>
/// <param name="database">The database.</param>
internal sealed class PostgresSessions(PostgresStore database) : ISessionStore
{
    /// <inheritdoc />
    public Task Add(StoredSession session, SessionContent content) => database.Execute(
        // The update locks a model that is there against a sweep.
        """
        WITH model AS (INSERT INTO metamap_session_model (sha256, content) VALUES ($5, $6) ON CONFLICT (sha256) DO UPDATE SET sha256 = EXCLUDED.sha256 RETURNING sha256)
        INSERT INTO metamap_session (session_id, info, expires, support, model_sha256) SELECT $1, $2, $3, $4, sha256 FROM model
        """,
        session.SessionId, JsonSerializer.Serialize(session, RunOptionsJson.Conventions), session.Expires.UtcDateTime, content.Support.ToArray(), session.Model.Sha256, content.Model.ToArray());

    /// <inheritdoc />
    public async Task<StoredSession?> Find(string sessionId) =>
        !SessionId.IsOne(sessionId) ? null : await database.Scalar("SELECT info FROM metamap_session WHERE session_id = $1 AND expires > clock_timestamp()", sessionId).ConfigureAwait(false) is string info
            ? JsonSerializer.Deserialize<StoredSession>(info, RunOptionsJson.Conventions) : null;

    /// <inheritdoc />
    public async Task<SessionContent?> Load(StoredSession session)
    {
        byte[]? model = await database.Scalar("SELECT content FROM metamap_session_model WHERE sha256 = $1", session.Model.Sha256).ConfigureAwait(false) as byte[];
        byte[]? support = await database.Scalar("SELECT support FROM metamap_session WHERE session_id = $1", session.SessionId).ConfigureAwait(false) as byte[];
        return model is null || support is null ? null
            : BlobStore.IdOf(model) == session.Model && BlobStore.IdOf(support) == session.Support ? new SessionContent(model, support)
            : throw new DataException($"Session {session.SessionId} in {database.Location} is damaged: adapt again.");
    }

    /// <inheritdoc />
    public async Task<int> Count() => (int)(long)(await database.Scalar("SELECT count(*) FROM metamap_session WHERE expires > clock_timestamp()").ConfigureAwait(false))!;

    /// <inheritdoc />
    public async Task<bool> Delete(string sessionId) => await database.Execute("DELETE FROM metamap_session WHERE session_id = $1", sessionId).ConfigureAwait(false) > 0;

    /// <inheritdoc />
    public async Task Sweep()
    {
        await database.Execute("DELETE FROM metamap_session WHERE expires <= clock_timestamp()").ConfigureAwait(false);
        await database.Execute("DELETE FROM metamap_session_model m WHERE NOT EXISTS (SELECT 1 FROM metamap_session s WHERE s.model_sha256 = m.sha256)").ConfigureAwait(false);
    }
}
