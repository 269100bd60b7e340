using MetaMap.Core;

namespace MetaMap.Learning.Kernels;

/// <summary>No way of computing convolutions is correct on this processor; with a one-sentence message for the user. Exit code 1.</summary>
public sealed class KernelException : ReadableException
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What is wrong, and what to do.</param>
    public KernelException(string message) : base(message) { }
}
