using System.IO.Compression;
using System.IO.Enumeration;
using System.IO.Hashing;
using System.Security.Cryptography;
using MetaMap.Core;

namespace MetaMap.Data.Files;

/// <summary>Checks and reads the path that <c>--data</c> gives; failures are reported in one sentence.</summary>
internal static class DataPath
{
    private static readonly string[] _leftovers =
        ["Thumbs.db", "ehthumbs.db", "desktop.ini", "Icon\r", "__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "lost+found"];

    /// <summary>Checks that a path is a folder.</summary>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="path">The path.</param>
    /// <param name="expected">What to pass instead, e.g. <c>the folder that holds a.zip</c>.</param>
    /// <exception cref="DataException">It is a file, or missing.</exception>
    public static void RequireFolder(string dataset, string path, string expected)
    {
        if (!Directory.Exists(path))
        {
            string found = File.Exists(path) ? "is a file" : "does not exist";
            throw new DataException($"the {dataset} folder {path} {found}: pass {expected}");
        }
    }

    /// <summary>Checks that a path is a file.</summary>
    /// <exception cref="DataException">It is a folder, or missing.</exception>
    public static void RequireFile(string dataset, string path, string expected)
    {
        if (!File.Exists(path))
        {
            string found = Directory.Exists(path) ? "is a folder" : "does not exist";
            throw new DataException($"the {dataset} file {path} {found}: pass {expected}");
        }
    }

    /// <summary>The whole content of a file.</summary>
    /// <exception cref="DataException">It cannot be read.</exception>
    public static byte[] ReadAll(string path) => Read(path, () => File.ReadAllBytes(path));

    /// <summary>The whole content of a file, unpacked if gzip has packed it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mostBytes">Bytes after which reading ends.</param>
    /// <exception cref="DataException">It cannot be read, is damaged, or is too large to be held in memory.</exception>
    public static byte[] ReadUnpacked(string path, int mostBytes = int.MaxValue) => Read(path, () =>
    {
        using FileStream file = File.OpenRead(path);
        bool isPacked = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        using Stream stream = isPacked ? new GZipStream(file, CompressionMode.Decompress, leaveOpen: true) : file;
        using MemoryStream content = new();
        byte[] buffer = new byte[1 << 16];
        try
        {
            for (int read = 1; read > 0 && content.Length < mostBytes;)
            {
                read = stream.Read(buffer);
                content.Write(buffer, 0, read);
            }
        }
        catch (InvalidDataException error)
        {
            throw new DataException($"{path} is a damaged gzip file ({error.Message}): fetch it again", error);
        }
        catch (IOException error) when (content.Length > int.MaxValue - (1 << 24))
        {
            throw new DataException($"{path} holds more than 2 GB, which is more than can be read at once: split or shorten it", error);
        }

        byte[] unpacked = content.ToArray();
        return !isPacked || content.Length >= mostBytes || GzipTrailer.Read(file) == new GzipTrailer(Crc32.HashToUInt32(unpacked), (uint)unpacked.Length) ? unpacked
            : throw new DataException($"{path} is a gzip file that is cut off, damaged or made of several: fetch it again, or unpack it");
    });

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="DataException">It cannot be read.</exception>
    public static FileStream OpenRead(string path) => Read(path, () => File.OpenRead(path));

    /// <summary>SHA-256 of the content of a file.</summary>
    /// <exception cref="DataException">It cannot be read.</exception>
    public static byte[] Digest(string path) => Read(path, () =>
    {
        using FileStream file = File.OpenRead(path);
        return SHA256.HashData(file);
    });

    /// <summary>The entries of a folder in ordinal order, without what <see cref="IsLeftover"/>.</summary>
    /// <exception cref="DataException">It cannot be listed.</exception>
    public static FileSystemInfo[] List(string folder, SearchOption depth = SearchOption.TopDirectoryOnly) => Read(folder, () =>
        Entries(folder, depth).OrderBy(entry => entry.FullName, StringComparer.Ordinal).ToArray());

    /// <summary>Whether a folder holds such a file at any depth, without what <see cref="IsLeftover"/>.</summary>
    /// <exception cref="DataException">It cannot be listed.</exception>
    public static bool Any(string folder, Func<FileInfo, bool> isSuch) => Read(folder, () =>
        Entries(folder, SearchOption.AllDirectories).OfType<FileInfo>().Any(isSuch));

    /// <summary>Whether a file or folder of this name is hidden (as those of MetaMap are), or one that desktops and archivers leave in a folder.</summary>
    public static bool IsLeftover(ReadOnlySpan<char> name)
    {
        foreach (string leftover in _leftovers)
        {
            if (name.Equals(leftover, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return name.StartsWith('.');
    }

    /// <summary>What is wrong with the name of a file or folder that is there and cannot be opened by it, as an ending of a sentence.</summary>
    public const string NoText = "has a name that is no UTF-8 text, so it cannot be opened: rename it";

    private const char Unreadable = '\uFFFD';

    private static FileSystemEnumerable<FileSystemInfo> Entries(string folder, SearchOption depth) => new(
        Path.GetFullPath(folder), (ref FileSystemEntry entry) => entry.ToFileSystemInfo(),
        new EnumerationOptions { RecurseSubdirectories = depth == SearchOption.AllDirectories, AttributesToSkip = 0, IgnoreInaccessible = false })
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) => !IsLeftover(entry.FileName) && !IsLoop(ref entry),
        ShouldRecursePredicate = (ref FileSystemEntry entry) => !IsLeftover(entry.FileName) && !IsLoop(ref entry) && CanBeOpened(entry.ToFullPath()),
    };

    private static bool CanBeOpened(string folder)
    {
        if (folder.Contains(Unreadable, StringComparison.Ordinal) && !Directory.Exists(folder))
        {
            throw new DataException($"{folder} {NoText}");
        }

        return true;
    }

    /// <summary>Whether an entry is a link to a folder that it lies in, by whatever way.</summary>
    private static bool IsLoop(ref FileSystemEntry entry)
    {
        if (!entry.IsDirectory || !entry.Attributes.HasFlag(FileAttributes.ReparsePoint) || RealPath(entry.ToFullPath()) is not { } target)
        {
            return false;
        }

        for (string? folder = entry.Directory.ToString(); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (folder == target || RealPath(folder) == target)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What a link leads to; null where a path is none, or leads nowhere.</summary>
    private static string? RealPath(string path) => Directory.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName is { } target ? Path.TrimEndingDirectorySeparator(target) : null;

    private static T Read<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path.Contains(Unreadable, StringComparison.Ordinal) ? $"{path} {NoText}" : $"{path} cannot be read ({error.Message}): make it readable, or fetch it again", error);
        }
    }
}
