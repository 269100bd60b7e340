using System.IO.Compression;
using MetaMap.Core;
using MetaMap.Data.Files;

namespace MetaMap.Data.Omniglot;

/// <summary>A half of Omniglot as its official zip archive; listed from the archive's directory alone.</summary>
/// <param name="location">The archive.</param>
internal sealed class OmniglotZip(string location) : IOmniglotSource
{
    /// <inheritdoc />
    public string Location => location;

    /// <inheritdoc />
    public IReadOnlyList<OmniglotFile> List()
    {
        using FileStream file = Open();
        using ZipArchive archive = Directory(file);
        return [.. archive.Entries.Where(IsImage).Select(e => new OmniglotFile(e.FullName, e.Crc32, e.Length))];
    }

    /// <inheritdoc />
    public IEnumerable<(string Path, byte[] Content)> Read()
    {
        using FileStream file = Open();
        using ZipArchive archive = Directory(file);
        foreach (ZipArchiveEntry entry in archive.Entries.Where(IsImage))
        {
            yield return (entry.FullName, Content(entry));
        }
    }

    /// <summary>Skips folders and what desktops add to an archive.</summary>
    private static bool IsImage(ZipArchiveEntry entry) =>
        !entry.FullName.EndsWith('/') && !entry.FullName.Split('/').Any(name => DataPath.IsLeftover(name));

    private FileStream Open()
    {
        try
        {
            return File.OpenRead(location);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{location} cannot be opened ({e.Message}): make it readable", e);
        }
    }

    private ZipArchive Directory(FileStream file)
    {
        try
        {
            ZipArchive archive = new(file, ZipArchiveMode.Read);
            _ = archive.Entries.Count; // The archive reads its directory, and notices a broken one, only on first use.
            return archive;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new DataException(
                $"{location} ({file.Length} bytes) is not a whole zip archive, it is cut off or something else: download it again", e);
        }
    }

    private byte[] Content(ZipArchiveEntry entry)
    {
        try
        {
            byte[] content = new byte[entry.Length];
            using Stream unpacked = entry.Open();
            unpacked.ReadExactly(content);
            return content;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new DataException($"{entry.FullName} in {location} does not unpack, the archive is damaged: download it again", e);
        }
    }
}
