using System.Text;
using MetaMap.Core;
using MetaMap.Data.Files;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Texts;

/// <summary>The files of rows that a path names, as far as they can be read.</summary>
internal sealed class TextFiles
{
    private const int GlanceBytes = 1 << 16;

    private static readonly string[] _ofTabs = [".tsv", ".txt"];

    private readonly List<(string Path, DataException Error)> _unreadable = [];

    /// <summary>Reads the files.</summary>
    /// <param name="listed">A single file must be readable; of several, at least one.</param>
    /// <exception cref="DataException">It is not.</exception>
    public TextFiles(RowFiles listed)
    {
        if (listed.Paths is [var single])
        {
            Read.Add(TableFile.Read(single, SeparatorsOf(single)));
            return;
        }

        foreach (string path in listed.Paths)
        {
            try
            {
                Read.AddRange(((TableFile?[])[TableFile.Find(path, SeparatorsOf(path))]).OfType<TableFile>());
            }
            catch (DataException error)
            {
                _unreadable.Add((path, error));
            }
        }

        if (Read.Count == 0 && _unreadable.Count > 0)
        {
            throw _unreadable[0].Error;
        }
    }

    /// <summary>Those that hold rows.</summary>
    public List<TableFile> Read { get; } = [];

    /// <summary>Those that cannot be read.</summary>
    public IEnumerable<string> Unreadable => _unreadable.Select(file => file.Path);

    /// <summary>One line about the files that cannot be read; null when all can.</summary>
    /// <param name="sources">The files that hold texts.</param>
    /// <param name="label">Name of the column of labels; null where it was not given.</param>
    /// <param name="text">Name of the column of texts; null where it was not given.</param>
    /// <exception cref="DataException">One of them seems to hold texts, so that leaving it out would be another dataset.</exception>
    public string? Skipped(List<TextSource> sources, string? label, string? text)
    {
        if (_unreadable.Find(file => SeemsToHoldTexts(file.Path, sources, label, text)) is { Error: { } error })
        {
            throw error;
        }

        return _unreadable.Count == 0 ? null
            : $"{_unreadable.Count} other {(_unreadable.Count == 1 ? "file" : "files")} that cannot be read {(_unreadable.Count == 1 ? "is" : "are")} skipped ({_unreadable[0].Error.Message})";
    }

    private static string[]? SeparatorsOf(string path) => _ofTabs.Contains(RowFiles.EndingOf(path)) ? [SeparatedRows.Tab] : null;

    /// <summary>By its first rows where they can be seen, else by the ending of its name.</summary>
    private static bool SeemsToHoldTexts(string path, List<TextSource> sources, string? label, string? text)
    {
        string ending = RowFiles.EndingOf(path);
        return Glance(path) is not { } file ? sources.Exists(source => RowFiles.EndingOf(source.File.Path) == ending)
            : file.Rows is [{ Fields: { Length: > 1 } fields }, ..]
                && (TextColumns.AreNamed(file, label, text) || sources.Exists(source => source.File.Names is null && source.File.Rows[0].Fields.Length == fields.Length));
    }

    private static TableFile? Glance(string path)
    {
        try
        {
            // What is no UTF-8 becomes a sign of its own.
            byte[] content = TextEncoding.ToUtf8(DataPath.ReadUnpacked(path, GlanceBytes));
            return JsonRows.Applies(path) ? null : SeparatedRows.Read(path, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content)), SeparatorsOf(path));
        }
        catch (DataException)
        {
            return null;
        }
    }
}
