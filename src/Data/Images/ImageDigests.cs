using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using MetaMap.Core;
using MetaMap.Data.Cache;
using MetaMap.Data.Files;

namespace MetaMap.Data.Images;

/// <summary>SHA-256 of the contents of image files: taken once, and kept as long as no file has another length or time.</summary>
internal static class ImageDigests
{
    /// <summary>Length of a digest.</summary>
    public const int Bytes = SHA256.HashSizeInBytes;

    /// <summary>The digests of some files.</summary>
    /// <param name="files">The files.</param>
    /// <param name="folders">Where the digests are kept, from <see cref="CacheFolders"/>.</param>
    /// <returns><see cref="Bytes"/> for each file, in order.</returns>
    /// <exception cref="DataException">A file cannot be read.</exception>
    public static byte[] Of(ImmutableArray<ImageFile> files, IReadOnlyList<string> folders)
    {
        CacheKey key = new(ImageFolderDataset.Name + "-content", string.Concat(files.Select(file =>
            string.Create(CultureInfo.InvariantCulture, $"{file.Path}\t{file.LengthBytes}\t{file.ModifiedTicks}\n"))));
        byte[] digests = new byte[files.Length * Bytes];
        DecodedCache.Open(key, folders, "", digests.Length, write => ImageFile.Each(files, (i, file) => write(i * (long)Bytes, DataPath.Digest(file.Path)))).Read(0, digests);
        return digests;
    }
}
