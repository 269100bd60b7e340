namespace MetaMap.Core.Files;

/// <summary>Writes files atomically: to a temporary file beside the target, flushed to disk, then renamed.</summary>
public static class DurableFile
{
    /// <summary>Suffix of files that are still being written; a crash may leave one behind, which is never read.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>Replaces a file.</summary>
    /// <exception cref="IOException">The disk is full, the folder is missing or read-only; the old file stays.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
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
}
