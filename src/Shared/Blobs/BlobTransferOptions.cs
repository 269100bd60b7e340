namespace MetaMap.Shared.Blobs;

/// <summary>Limits and waiting times of a transfer.</summary>
internal sealed record BlobTransferOptions
{
    /// <summary>The defaults.</summary>
    public static BlobTransferOptions Default { get; } = new();

    /// <summary>Longer blobs are refused before any memory is allocated. Default: <see cref="BlobChunks.MaximumBlobBytes"/>.</summary>
    public int MaximumBytes { get; init; } = BlobChunks.MaximumBlobBytes;

    /// <summary>
    /// A chunk that has not arrived by then is requested again, from another holder when no chunk has arrived. Default 5 s: a full
    /// window takes 0.2 s at 100 Mb/s.
    /// </summary>
    public TimeSpan AskAgainAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The transfer fails when no chunk has arrived for this long. Default 30 s.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(30);
}
