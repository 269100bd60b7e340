using MetaMap.Core;

namespace MetaMap.Cli.Errors;

/// <summary>A failure with a one-sentence message for the user. Exit code 1.</summary>
internal sealed class CommandFailedException(string message) : ReadableException(message);
