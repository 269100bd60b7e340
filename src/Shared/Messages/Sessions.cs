using System.Collections.Immutable;

namespace MetaMap.Shared.Messages;

/// <summary>A message for the session entity that <see cref="Session"/> names; routed by cluster sharding to a worker.</summary>
public interface ISessionMessage : IControlMessage
{
    /// <summary>The session.</summary>
    SessionId Session { get; }
}

/// <summary>
/// Coordinator to session: adapt the model to the examples, unless that is done. May be repeated. Answered by <see cref="SessionOpened"/> or
/// <see cref="SessionRefused"/>.
/// </summary>
/// <param name="Session">The session.</param>
/// <param name="Model">A model file.</param>
/// <param name="Support">A file of examples.</param>
/// <param name="Holder">Who has both.</param>
public sealed record OpenSession(SessionId Session, BlobId Model, BlobId Support, string Holder) : ISessionMessage;

/// <summary>
/// Coordinator to session: predict these inputs. Answered by <see cref="SessionPredicted"/>, <see cref="SessionUnknown"/> or
/// <see cref="SessionRefused"/>.
/// </summary>
/// <param name="Session">The session.</param>
/// <param name="Inputs">Inputs one after the other as little-endian float32, in the model's own units.</param>
/// <param name="Holder">Who has them.</param>
public sealed record PredictInSession(SessionId Session, BlobId Inputs, string Holder) : ISessionMessage;

/// <summary>Coordinator to session: I want your adapted model. Answered by <see cref="SessionKept"/> or <see cref="SessionUnknown"/>.</summary>
/// <param name="Session">The session.</param>
public sealed record KeepSession(SessionId Session) : ISessionMessage;

/// <summary>Coordinator to session: nobody wants you any more.</summary>
/// <param name="Session">The session.</param>
public sealed record CloseSession(SessionId Session) : ISessionMessage;

/// <summary>Session to coordinator: the model is adapted.</summary>
/// <param name="Session">The session.</param>
/// <param name="Milliseconds">How long the adaptation took.</param>
public sealed record SessionOpened(SessionId Session, double Milliseconds) : IControlMessage;

/// <summary>Session to coordinator: the predictions.</summary>
/// <param name="Session">The session.</param>
/// <param name="Values">For one input after the other the probability of each label, or the values of regression.</param>
public sealed record SessionPredicted(SessionId Session, ImmutableArray<float> Values) : IControlMessage
{
    /// <summary>Equal when session and values are equal.</summary>
    public bool Equals(SessionPredicted? other) => other is not null && Session == other.Session && Values.AsSpan().SequenceEqual(other.Values.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Session, Values.Length);
}

/// <summary>Session to coordinator: the adapted model can be fetched for a while.</summary>
/// <param name="Session">The session.</param>
/// <param name="File">An adapted model file.</param>
/// <param name="Holder">Who has it.</param>
public sealed record SessionKept(SessionId Session, BlobId File, string Holder) : IControlMessage;

/// <summary>Session to coordinator: this entity is new or was lost, and has adapted nothing: open it first.</summary>
/// <param name="Session">The session.</param>
public sealed record SessionUnknown(SessionId Session) : IControlMessage;

/// <summary>Session to coordinator: that cannot be done.</summary>
/// <param name="Session">The session.</param>
/// <param name="Reason">A readable sentence.</param>
/// <param name="IsWorkers">The worker is to blame, not what was asked for: another try may succeed.</param>
public sealed record SessionRefused(SessionId Session, string Reason, bool IsWorkers) : IControlMessage;
