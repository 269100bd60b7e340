using System.Collections.Immutable;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Sessions;

/// <summary>A session as a store keeps it, without its model and its examples.</summary>
/// <param name="SessionId">Its name.</param>
/// <param name="RunId">The run of its model.</param>
/// <param name="Version">The model's version.</param>
/// <param name="Labels">What its outputs stand for; empty for regression.</param>
/// <param name="Created">When it was opened.</param>
/// <param name="Expires">When it is forgotten.</param>
/// <param name="Model">The model file.</param>
/// <param name="Support">The file of its examples.</param>
internal sealed record StoredSession(
    string SessionId, string RunId, int Version, ImmutableArray<string> Labels, DateTimeOffset Created, DateTimeOffset Expires, BlobId Model, BlobId Support);

/// <summary>What a session is made of.</summary>
/// <param name="Model">A model file.</param>
/// <param name="Support">A file of examples.</param>
internal sealed record SessionContent(ReadOnlyMemory<byte> Model, ReadOnlyMemory<byte> Support);
