namespace MetaMap.Core.Files;

/// <summary>Files that are whole or absent: written beside their place, flushed to the disk, then renamed.</summary>
public static class DurableFile
{
    /// <summary>Ending of files that are still being written; a crash may leave one, and nobody reads it.</summary>
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
            // On a full disk, half a file would take the room that others need.
            File.Delete(temporary);
            throw;
        }
    }
}
