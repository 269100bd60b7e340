using System.Collections.Immutable;

namespace MetaMap.Data.Downloads;

/// <summary>One file of a dataset as it was published.</summary>
/// <param name="Name">Its name, at the source and in the data folder.</param>
/// <param name="LengthBytes">Its length.</param>
/// <param name="Sha256">Its SHA-256 (hex, lower case).</param>
public sealed record DownloadFile(string Name, long LengthBytes, string Sha256);

/// <summary>Where the files of a dataset are published, with digests that others have published, too.</summary>
/// <param name="Dataset">The dataset's name in options.</param>
/// <param name="BaseAddress">Ends with a slash; the files' names follow it.</param>
/// <param name="Files">All files that the dataset is read from.</param>
public sealed record DownloadSource(string Dataset, Uri BaseAddress, ImmutableArray<DownloadFile> Files);

/// <summary>Progress of a download.</summary>
/// <param name="File">The file being downloaded.</param>
/// <param name="ReceivedBytes">Bytes of it that are on the disk.</param>
/// <param name="LengthBytes">Its length.</param>
public readonly record struct DownloadProgress(string File, long ReceivedBytes, long LengthBytes);
