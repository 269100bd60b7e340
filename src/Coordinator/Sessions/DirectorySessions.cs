using System.Text.Json;
using MetaMap.Coordinator.Stores.Directories;
using MetaMap.Core;
using MetaMap.Core.Files;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;

namespace MetaMap.Coordinator.Sessions;

/// <summary>Stores sessions in a folder: <c>ID.json</c> and <c>ID.safetensors</c> of each, and <c>models/SHA256.safetensors</c>.</summary>
/// <param name="root">The folder; created with the first session.</param>
/// <param name="time">Clock.</param>
internal sealed class DirectorySessions(string root, TimeProvider time) : ISessionStore
{
    // A model lies there before the session that needs it.
    private static readonly TimeSpan _young = TimeSpan.FromMinutes(10);

    private string Models => Path.Combine(root, "models");

    /// <inheritdoc />
    public Task Add(StoredSession session, SessionContent content) => DirectoryStore.Guarded(() =>
    {
        Directory.CreateDirectory(Models);
        string model = ModelPath(session.Model);
        if (File.Exists(model))
        {
            File.SetLastWriteTimeUtc(model, time.GetUtcNow().UtcDateTime);
        }
        else
        {
            // Under a name of its own first: others may be about to store the same model.
            string own = $"{model}.{session.SessionId}";
            DurableFile.Write(own, content.Model.Span);
            File.Move(own, model, overwrite: true);
        }

        DurableFile.Write(SupportPath(session.SessionId), content.Support.Span);
        DurableFile.Write(InfoPath(session.SessionId), JsonSerializer.SerializeToUtf8Bytes(session, RunOptionsJson.Conventions));
        return Task.FromResult(true);
    });

    /// <inheritdoc />
    public Task<StoredSession?> Find(string sessionId) => DirectoryStore.Guarded(() => Task.FromResult(Read(sessionId) is { } session && session.Expires > time.GetUtcNow() ? session : null));

    /// <inheritdoc />
    public Task<SessionContent?> Load(StoredSession session) => DirectoryStore.Guarded(() => Task.FromResult(
        ReadBlob(ModelPath(session.Model), session.Model) is { } model && ReadBlob(SupportPath(session.SessionId), session.Support) is { } support ? new SessionContent(model, support) : null));

    /// <inheritdoc />
    public Task<int> Count() => DirectoryStore.Guarded(() => Task.FromResult(Names().Count()));

    /// <inheritdoc />
    public Task<bool> Delete(string sessionId) => DirectoryStore.Guarded(() =>
    {
        bool existed = SessionId.IsOne(sessionId) && File.Exists(InfoPath(sessionId));
        if (existed)
        {
            File.Delete(InfoPath(sessionId));
            File.Delete(SupportPath(sessionId));
        }

        return Task.FromResult(existed);
    });

    /// <inheritdoc />
    public Task Sweep() => DirectoryStore.Guarded(async () =>
    {
        if (!Directory.Exists(Models))
        {
            return false;
        }

        // Old ones first: what a session needs is listed after it.
        string[] models = [.. Directory.GetFiles(Models).Where(path => time.GetUtcNow() - File.GetLastWriteTimeUtc(path) > _young)];
        HashSet<string> needed = [];
        foreach (string sessionId in Names())
        {
            if (await Find(sessionId).ConfigureAwait(false) is { } session)
            {
                needed.Add(ModelPath(session.Model));
            }
            else
            {
                await Delete(sessionId).ConfigureAwait(false);
            }
        }

        Array.ForEach([.. models.Where(path => !needed.Contains(path))], File.Delete);
        return true;
    });

    private static byte[]? ReadBlob(string path, BlobId blob)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        byte[] bytes = File.ReadAllBytes(path);
        return BlobStore.IdOf(bytes) == blob ? bytes : throw new DataException($"{path} is damaged: adapt again.");
    }

    private IEnumerable<string> Names() => !Directory.Exists(root) ? [] : Directory.GetFiles(root, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)).Where(SessionId.IsOne);

    private StoredSession? Read(string sessionId)
    {
        try
        {
            return !SessionId.IsOne(sessionId) ? null : JsonSerializer.Deserialize<StoredSession>(File.ReadAllBytes(InfoPath(sessionId)), RunOptionsJson.Conventions);
        }
        catch (Exception error) when (error is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            // Ended in the meantime, or damaged: nothing to go on with.
            return null;
        }
    }

    private string ModelPath(BlobId model) => Path.Combine(Models, $"{model.Sha256}.safetensors");

    private string SupportPath(string sessionId) => Path.Combine(root, $"{sessionId}.safetensors");

    private string InfoPath(string sessionId) => Path.Combine(root, $"{sessionId}.json");
}
