namespace MetaMap.Core.Files;

/// <summary>What is wrong with a path that somebody has given, in people's words: the system's own would be that a folder is denied, or exists already.</summary>
public static class PathProblem
{
    /// <summary>Why a file could not be read.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="error">What the system said.</param>
    public static string Reading(string path, Exception error) => Directory.Exists(path) ? $"{path} is a folder, but a file is wanted." : error.Message;

    /// <summary>Why a folder cannot be made or used, as an ending of a sentence that begins with its path; null where it can, as far as can be told before.</summary>
    /// <param name="path">Its path; folders above it may be missing, too.</param>
    public static string? Folder(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        for (string? there = full; there is not null; there = Path.GetDirectoryName(there))
        {
            if (Directory.Exists(there))
            {
                return null;
            }

            if (File.Exists(there))
            {
                string kind = FileKind.IsRegular(there) ? "a file" : "a device, pipe or socket";
                return there == full ? $"is {kind}, but a folder is wanted: give another path" : $"cannot be a folder, because {there} is {kind}: give another path";
            }
        }

        return null;
    }

    /// <summary>Why nothing can be written into a folder, as an ending of a sentence that begins with its path; null where it can. Nothing is left behind.</summary>
    /// <param name="path">Its path; where it is missing, the nearest folder above it is tried.</param>
    public static string? Writing(string path)
    {
        string? there = Path.GetFullPath(path);
        while (there is not null && !Directory.Exists(there))
        {
            there = Path.GetDirectoryName(there);
        }

        try
        {
            File.Create(Path.Combine(there ?? "", $".metamap-{Guid.NewGuid():N}"), bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string reason = error is UnauthorizedAccessException ? "permission denied" : error.Message.Split(" : ")[0];
            return $"is not writable for the user {Environment.UserName} ({reason}): give another folder, or make it that user's";
        }
    }
}
