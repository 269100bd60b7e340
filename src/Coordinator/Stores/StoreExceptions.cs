using MetaMap.Core;

namespace MetaMap.Coordinator.Stores;

/// <summary>The store does not work at the moment (disk full, database gone): nothing was changed, and the call may be repeated.</summary>
/// <param name="message">A readable sentence.</param>
/// <param name="inner">The cause.</param>
public sealed class StoreException(string message, Exception inner) : ReadableException(message, inner);

/// <summary>Another owner has taken the run over: this one must stop, and can change nothing any more.</summary>
/// <param name="message">A readable sentence that names both owners.</param>
internal sealed class FencedException(string message) : ReadableException(message);

/// <summary>The run has an owner that is alive.</summary>
/// <param name="message">A readable sentence that names the owner.</param>
internal sealed class OwnedException(string message) : ReadableException(message);
