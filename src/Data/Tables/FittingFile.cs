using MetaMap.Core;
using MetaMap.Data.Files;

namespace MetaMap.Data.Tables;

/// <summary>Chooses the one file of a folder that holds what is looked for, by a glance at its first rows.</summary>
internal static class FittingFile
{
    private const int GlanceBytes = 1 << 16;
    private const int MostNames = 3;

    /// <summary>The file.</summary>
    /// <param name="listed">A single file is taken as it is.</param>
    /// <param name="fits">Whether first rows have what is looked for.</param>
    /// <param name="columns">The columns that are looked for, for messages.</param>
    /// <exception cref="DataException">No file fits, or several do.</exception>
    public static string Of(RowFiles listed, Func<TableFile, bool> fits, string columns)
    {
        string[] fitting = listed.Paths is [var single] ? [single] : [.. listed.Paths.Where(path => Glance(path) is { } file && fits(file))];
        return fitting switch
        {
            [var one] => one,
            [] => throw new DataException($"none of the {listed.Paths.Length} files in {listed.Place} has columns of {columns}: pass one of them with --data"),
            _ => throw new DataException(
                $"{fitting.Length} files in {listed.Place} have columns of {columns}: pass one of {string.Join(", ", fitting.Take(MostNames).Select(Path.GetFileName))}{(fitting.Length > MostNames ? ", …" : "")} with --data"),
        };
    }

    private static TableFile? Glance(string path)
    {
        try
        {
            return TableFile.Find(path, mostBytes: JsonRows.Applies(path) ? int.MaxValue : GlanceBytes);
        }
        catch (DataException)
        {
            return null;
        }
    }
}
