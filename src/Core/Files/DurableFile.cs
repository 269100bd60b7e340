namespace MetaMap.Core.Files;

/// <summary>Writes files atomically: to a temporary file beside the target, flushed to disk, then renamed.</summary>
public static class DurableFile
{
    /// <summary>Suffix of files that are still being written; a crash may leave one behind, which is never read.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>Why a file cannot be written, as an ending of a sentence that begins with its path; null where it can, as far as can be told before.</summary>
    public static string? Problem(string path)
    {
        string full = Path.GetFullPath(path);
        string? folder = Path.GetDirectoryName(full);
        return Directory.Exists(full) || Path.EndsInDirectorySeparator(path) ? "is a folder: give the path of a file in it"
            : !Directory.Exists(folder) ? $"cannot be written, because the folder {folder} does not exist: make it first, or give another path"
            : File.Exists(full) && !FileKind.IsRegular(full) ? "exists and is no regular file, but a device, pipe or socket, which is not replaced: give another path"
            : !CanWriteIn(folder) ? $"cannot be written, because the folder {folder} takes no new files: give a path in another one"
            : null;
    }

    /// <summary>Replaces a file.</summary>
    /// <exception cref="IOException">The disk is full, the folder is missing or read-only, or the path is no regular file's; what was there stays.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        if (File.Exists(path) && !FileKind.IsRegular(path))
        {
            throw new IOException($"{path} {Problem(path)}");
        }

        string temporary = path + TemporarySuffix;
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (IOException)
        {
            // On a full disk, half a file would take space that others need.
            File.Delete(temporary);
            throw;
        }
    }

    private static bool CanWriteIn(string folder)
    {
        string trial = Path.Combine(folder, $".{Guid.NewGuid():N}{TemporarySuffix}");
        try
        {
            using var file = new FileStream(trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
