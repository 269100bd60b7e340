using MetaMap.Core;

namespace MetaMap.Learning.Native;

/// <summary>libtorch cannot be loaded; with a one-sentence message for the user. Exit code 1.</summary>
public sealed class NativeLibraryException : ReadableException
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What is missing, why, and what to do.</param>
    /// <param name="inner">What the loader said.</param>
    public NativeLibraryException(string message, Exception inner) : base(message, inner) { }
}
