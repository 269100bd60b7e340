using System.Collections.Immutable;

namespace MetaMap.Shared.Blobs;

/// <summary>What a <see cref="BlobTransfer"/> wants to happen next.</summary>
internal abstract record TransferStep;

/// <summary>Ask the holder for these chunks (there may be none to ask for at the moment).</summary>
/// <param name="ChunkIndices">Indices from 0.</param>
internal sealed record MoreRequests(ImmutableArray<int> ChunkIndices) : TransferStep
{
    /// <summary>Nothing to ask for at the moment.</summary>
    public static MoreRequests None { get; } = new([]);
}

/// <summary>Everything has arrived and the digest is correct.</summary>
/// <param name="Bytes">The whole buffer.</param>
internal sealed record TransferCompleted(ReadOnlyMemory<byte> Bytes) : TransferStep;

/// <summary>The transfer is over without a result.</summary>
/// <param name="Reason">A readable sentence.</param>
internal sealed record TransferFailed(string Reason) : TransferStep;
