using MetaMap.Core;

namespace MetaMap.Cli;

/// <summary>Exit codes of the command.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int Unreachable = 3;
    public const int BadData = 4;
}

/// <summary>A coordinator that does not answer. Exit code 3.</summary>
internal sealed class UnreachableException(string message, Exception? inner = null) : ReadableException(message, inner);

/// <summary>A failure with a one-sentence message for the user. Exit code 1.</summary>
internal sealed class CommandFailedException(string message) : ReadableException(message);
