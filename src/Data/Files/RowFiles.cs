using System.Collections.Immutable;
using MetaMap.Core;

namespace MetaMap.Data.Files;

/// <summary>The files of rows that a path names: itself, or those in a folder. A folder that holds nothing but one folder is entered.</summary>
/// <param name="Place">The file, or the folder that holds the files.</param>
/// <param name="Paths">The files, in the order of their names.</param>
/// <param name="Others">Names of what else the folder holds, with a slash behind those of folders.</param>
internal sealed record RowFiles(string Place, ImmutableArray<string> Paths, ImmutableArray<string> Others)
{
    private const string Packed = ".gz";
    private const int MostNames = 3;

    private static readonly string[] _endings = [".csv", ".tsv", ".txt", ".dat", ".data", ".json", ".jsonl", ".ndjson"];

    /// <summary>Lists the files.</summary>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="path">A file or a folder.</param>
    /// <param name="expected">What to pass instead.</param>
    /// <exception cref="DataException">The path does not exist, or the folder holds none.</exception>
    public static RowFiles List(string dataset, string path, string expected)
    {
        if (!Directory.Exists(path))
        {
            DataPath.RequireFile(dataset, path, expected);
            return new RowFiles(path, [path], []);
        }

        FileSystemInfo[] entries = DataPath.List(path);
        ImmutableArray<string> files = [.. entries.OfType<FileInfo>().Where(file => _endings.Contains(EndingOf(file.Name))).Select(file => file.FullName)];
        DirectoryInfo[] folders = [.. entries.OfType<DirectoryInfo>().Where(folder => folder.Name != "__MACOSX")];
        return files.Length > 0
                ? new RowFiles(path, files, [.. entries.Where(entry => !files.Contains(entry.FullName)).Select(entry => entry is DirectoryInfo ? entry.Name + "/" : entry.Name)])
            : folders is [var only] ? List(dataset, only.FullName, expected)
            : throw new DataException($"{path} holds no {string.Join(", ", _endings[..^1])} or {_endings[^1]} file: pass {expected}");
    }

    /// <summary>The ending of a file's name in lower case, without the <c>.gz</c> of one that is packed.</summary>
    public static string EndingOf(string name)
    {
        string lower = name.ToLowerInvariant();
        return Path.GetExtension(lower.EndsWith(Packed, StringComparison.Ordinal) ? lower[..^Packed.Length] : lower);
    }

    /// <summary>One line about what is not read; null when everything is.</summary>
    /// <param name="unread">Those of <see cref="Paths"/> that are not read either.</param>
    public string? Unread(params IEnumerable<string> unread)
    {
        string[] names = [.. unread.Select(path => Path.GetFileName(path)).Concat(Others).Order(StringComparer.Ordinal)];
        return names.Length == 0 ? null
            : $"{Place}: {names.Length} other {(names.Length == 1 ? "entry is" : "entries are")} not read ({string.Join(", ", names.Take(MostNames))}{(names.Length > MostNames ? ", …" : "")})";
    }
}
