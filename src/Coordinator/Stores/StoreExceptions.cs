namespace MetaMap.Coordinator.Stores;

/// <summary>The store does not work at the moment (disk full, database gone): nothing was changed, and it may be tried again.</summary>
/// <param name="message">One sentence for people.</param>
/// <param name="inner">The cause.</param>
public sealed class StoreException(string message, Exception inner) : Exception(message, inner);

/// <summary>Another owner has taken the run over: this one must stop, and changes nothing any more.</summary>
/// <param name="message">One sentence for people, naming both.</param>
internal sealed class FencedException(string message) : Exception(message);

/// <summary>The run has an owner that is alive.</summary>
/// <param name="message">One sentence for people, naming it.</param>
public sealed class OwnedException(string message) : Exception(message);
