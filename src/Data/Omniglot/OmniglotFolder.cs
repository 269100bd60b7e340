using System.IO.Hashing;
using MetaMap.Data.Files;

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
        foreach (FileInfo file in DataPath.List(Path.GetFullPath(location), SearchOption.AllDirectories).OfType<FileInfo>())
        {
            yield return (Path.GetRelativePath(parent, file.FullName).Replace(Path.DirectorySeparatorChar, '/'), DataPath.ReadAll(file.FullName));
        }
    }
}
