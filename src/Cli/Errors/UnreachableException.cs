using MetaMap.Core;

namespace MetaMap.Cli.Errors;

/// <summary>A coordinator that does not answer. Exit code 3.</summary>
internal sealed class UnreachableException(string message, Exception? inner = null) : ReadableException(message, inner);
