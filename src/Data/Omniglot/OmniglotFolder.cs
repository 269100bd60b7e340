using System.IO.Hashing;
using MetaMap.Core;

namespace MetaMap.Data.Omniglot;

/// <summary>
/// A half of Omniglot as an unpacked folder. Listing reads every file for its checksum, so that a folder has the same
/// digest as the archive that it came from.
/// </summary>
/// <param name="location">The folder, <c>images_background</c> or <c>images_evaluation</c>.</param>
internal sealed class OmniglotFolder(string location) : IOmniglotSource
{
    /// <inheritdoc />
    public string Location => location;

    /// <inheritdoc />
    public IReadOnlyList<OmniglotFile> List() =>
        [.. Read().Select(file => new OmniglotFile(file.Path, Crc32.HashToUInt32(file.Content), file.Content.Length))];

    /// <inheritdoc />
    public IEnumerable<(string Path, byte[] Content)> Read()
    {
        string parent = Path.GetDirectoryName(Path.GetFullPath(location))!;
        foreach (string file in Files())
        {
            yield return (Path.GetRelativePath(parent, file).Replace(Path.DirectorySeparatorChar, '/'), Content(file));
        }
    }

    /// <summary>Skips hidden files such as those that desktops leave in a folder.</summary>
    private string[] Files()
    {
        try
        {
            return [.. Directory.EnumerateFiles(Path.GetFullPath(location), "*", SearchOption.AllDirectories)
                .Where(file => !Path.GetFileName(file).StartsWith('.'))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{location} cannot be listed ({e.Message}): make it readable", e);
        }
    }

    private static byte[] Content(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{file} cannot be read ({e.Message}): make it readable, or unpack the dataset again", e);
        }
    }
}
