using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using System.Text;
using MetaMap.Core;
using MetaMap.Core.Files;
using Microsoft.Win32.SafeHandles;

namespace MetaMap.Data.Cache;

/// <summary>Stores decoded bytes at their place; safe for many threads.</summary>
/// <param name="offset">Place in the payload.</param>
/// <param name="bytes">What belongs there.</param>
internal delegate void WriteDecoded(long offset, ReadOnlySpan<byte> bytes);

/// <summary>Identifies a cache file.</summary>
/// <param name="Dataset">The dataset's name, with which the file's name begins.</param>
/// <param name="Source">Everything that the payload is a function of: how it is decoded, and what it is decoded from.</param>
internal sealed record CacheKey(string Dataset, string Source)
{
    /// <summary>SHA-256 of the source.</summary>
    internal byte[] Digest => SHA256.HashData(Encoding.UTF8.GetBytes(Source));

    /// <summary>Name of the file.</summary>
    public string FileName => $"{Dataset}-{Convert.ToHexStringLower(Digest.AsSpan(0, 16))}.cache";
}

/// <summary>
/// Decoded data in one memory-mapped file, so that a second start decodes nothing and all processes of a machine share
/// the memory. A file is whole or absent (it is renamed when complete), is verified when it is opened, and rebuilt when
/// it is damaged. Where no folder is writable, the data stays in memory. Never closed before its last reader is collected.
/// </summary>
internal sealed class DecodedCache
{
    private readonly MemoryMappedViewAccessor _view;
    private readonly long _start;

    private DecodedCache(MemoryMappedFile file, long start, long length, string description)
    {
        // The view holds on to the mapping.
        using (file)
        {
            _view = file.CreateViewAccessor(0, Math.Max(1, start + length), start > 0 ? MemoryMappedFileAccess.Read : MemoryMappedFileAccess.ReadWrite);
        }

        (_start, Length, Description) = (start, length, description);
    }

    /// <summary>Bytes of the payload.</summary>
    public long Length { get; }

    /// <summary>What was stored with the payload.</summary>
    public string Description { get; }

    /// <summary>Opens a whole file from the first folder that has one.</summary>
    /// <returns>Null when there is none.</returns>
    public static DecodedCache? TryOpen(CacheKey key, IReadOnlyList<string> folders) =>
        folders.Select(folder => TryOpen(key, Path.Combine(folder, key.FileName))).FirstOrDefault(cache => cache is not null);

    /// <summary>Opens the data, or decodes it into the first writable folder.</summary>
    /// <param name="key">Identifies the data.</param>
    /// <param name="folders">From <see cref="CacheFolders"/>.</param>
    /// <param name="description">What the reader must know about the payload, at most 32 bytes.</param>
    /// <param name="length">Bytes of the payload.</param>
    /// <param name="decode">Writes the whole payload; called again for the next folder when a disk is full.</param>
    /// <exception cref="DataException">From <paramref name="decode"/>: the data cannot be used.</exception>
    public static DecodedCache Open(CacheKey key, IReadOnlyList<string> folders, string description, long length, Action<WriteDecoded> decode)
    {
        if (TryOpen(key, folders) is { } found)
        {
            return found;
        }

        foreach (string folder in folders)
        {
            string path = Path.Combine(folder, key.FileName);
            if (TryBuild(key, path, description, length, decode) && TryOpen(key, path) is { } built)
            {
                return built;
            }
        }

        DecodedCache inMemory = new(MemoryMappedFile.CreateNew(null, Math.Max(1, length)), 0, length, description);
        decode((offset, bytes) => inMemory._view.SafeMemoryMappedViewHandle.WriteSpan((ulong)offset, bytes));
        return inMemory;
    }

    /// <summary>Copies a part of the payload.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - destination.Length);
        _view.SafeMemoryMappedViewHandle.ReadSpan((ulong)(_start + offset), destination);
    }

    private static DecodedCache? TryOpen(CacheKey key, string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            byte[] bytes = new byte[CacheHeader.Bytes];
            CacheHeader? header = CacheHeader.Read(bytes.AsSpan(0, RandomAccess.Read(handle, bytes, 0)));
            bool isWhole = header is not null
                && header.Key.AsSpan().SequenceEqual(key.Digest)
                && RandomAccess.GetLength(handle) == CacheHeader.Bytes + header.PayloadBytes
                && PayloadDigest.Of(handle, CacheHeader.Bytes, header.PayloadBytes).AsSpan().SequenceEqual(header.PayloadDigest);
            return !isWhole ? null : new DecodedCache(
                MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true),
                CacheHeader.Bytes, header!.PayloadBytes, header.Description);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <summary>Writes a temporary file, flushes and renames it. Several processes may do so at once: their files are separate and equal.</summary>
    private static bool TryBuild(CacheKey key, string path, string description, long length, Action<WriteDecoded> decode)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}{DurableFile.TemporarySuffix}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using (SafeFileHandle handle = File.OpenHandle(
                temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, preallocationSize: CacheHeader.Bytes + length))
            {
                RandomAccess.SetLength(handle, CacheHeader.Bytes + length);
                decode((offset, bytes) => RandomAccess.Write(handle, bytes, CacheHeader.Bytes + offset));
                byte[] digest = PayloadDigest.Of(handle, CacheHeader.Bytes, length);
                RandomAccess.Write(handle, new CacheHeader(key.Digest, length, digest, description).Write(), 0);
                RandomAccess.FlushToDisk(handle);
            }

            File.Move(temporary, path, overwrite: true);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
        finally
        {
            TryDelete(temporary);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The folder was not writable either; a leftover is never read.
        }
    }
}
