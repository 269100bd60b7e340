using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace MetaMap.Data.Cache;

/// <summary>The digest of a cache file's payload: SHA-256 over the SHA-256 of each 4 MiB, so that all cores can work on it.</summary>
internal static class PayloadDigest
{
    private const int ChunkBytes = 4 << 20;

    /// <summary>Reads and digests the payload.</summary>
    /// <exception cref="IOException">The file cannot be read, or is too short.</exception>
    public static byte[] Of(SafeFileHandle file, long offset, long length)
    {
        int chunks = checked((int)((length + ChunkBytes - 1) / ChunkBytes));
        byte[] digests = new byte[chunks * SHA256.HashSizeInBytes];
        try
        {
            Parallel.For(0, chunks, chunk => Digest(file, offset, length, chunk, digests));
        }
        catch (AggregateException error) when (error.InnerException is IOException first)
        {
            throw new IOException(first.Message, first);
        }

        return SHA256.HashData(digests);
    }

    private static void Digest(SafeFileHandle file, long offset, long length, int chunk, byte[] digests)
    {
        long start = (long)chunk * ChunkBytes;
        int count = (int)Math.Min(ChunkBytes, length - start);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(count);
        try
        {
            int filled = 0;
            while (filled < count)
            {
                int read = RandomAccess.Read(file, buffer.AsSpan(filled, count - filled), offset + start + filled);
                filled += read > 0 ? read : throw new EndOfStreamException("the file ends early");
            }

            SHA256.HashData(buffer.AsSpan(0, count), digests.AsSpan(chunk * SHA256.HashSizeInBytes));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
