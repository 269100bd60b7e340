namespace MetaMap.Learning.Kernels;

/// <summary>No way of computing convolutions is right on this processor, told in one sentence for people. Exit code 1.</summary>
public sealed class KernelException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What is wrong, and what to do.</param>
    public KernelException(string message) : base(message) { }
}
