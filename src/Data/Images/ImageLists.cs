using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data.Files;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Images;

/// <summary>
/// The layouts in which lists beside the images say which part an image or a class is in: <c>images</c> with <c>train.csv</c>,
/// <c>val.csv</c> and <c>test.csv</c> of file names and labels, as mini-ImageNet (Ravi and Larochelle 2017); or <c>data</c> with lists
/// of class names in <c>splits/bertinetto</c>, as CIFAR-FS (Bertinetto et al. 2019).
/// </summary>
internal static class ImageLists
{
    private static readonly string[] _parts = ["train", "val", "validation", "test"];

    private static readonly string _splits = Path.Combine("splits", "bertinetto");

    /// <summary>True when a folder has one of these layouts.</summary>
    public static bool Applies(string folder) => HasFileLists(folder) || HasClassLists(folder);

    /// <summary>Lists the classes with their images, by part and then by name.</summary>
    /// <exception cref="DataException">A list names something that does not exist or that was named before, or is not a list.</exception>
    public static ImmutableArray<ImageClass> List(ImageFiles files)
    {
        string folder = files.Root;
        bool isFileLists = HasFileLists(folder);
        string lists = isFileLists ? folder : Path.Combine(folder, _splits);
        Dictionary<string, string> known = new(StringComparer.Ordinal);
        ImmutableArray<ImageClass> classes = [.. _parts
            .Select(part => (Part: ImageFolders.Part(part), List: Path.Combine(lists, part + (isFileLists ? ".csv" : ".txt"))))
            .Where(part => File.Exists(part.List))
            .SelectMany(part => isFileLists ? ClassesOfFiles(files, known, part.List, part.Part) : Classes(files, known, part.List, part.Part))];
        return classes.Length > 0 ? classes : throw new DataException(
            $"{lists} names no classes: write one name a line into {string.Join(", ", _parts.Select(part => part + ".txt"))}, or pass the folder that holds a folder for each class");
    }

    private static bool HasFileLists(string folder) =>
        Directory.Exists(Path.Combine(folder, "images")) && _parts.Any(part => File.Exists(Path.Combine(folder, part + ".csv")));

    private static bool HasClassLists(string folder) =>
        Directory.Exists(Path.Combine(folder, "data")) && Directory.Exists(Path.Combine(folder, _splits));

    /// <summary>Reads <c>filename,label</c> of mini-ImageNet.</summary>
    private static IEnumerable<ImageClass> ClassesOfFiles(ImageFiles files, Dictionary<string, string> known, string list, SplitPart? part)
    {
        Table table = Table.Read(list);
        int nameColumn = table.Column("filename");
        int labelColumn = table.Column("label");
        return table.Rows
            .Select(row =>
            {
                FileInfo file = new(Path.Combine(files.Root, "images", row.Fields[nameColumn]));
                return row.Fields[labelColumn].Length == 0 ? throw new DataException($"{list} line {row.Line} has no label: complete it")
                    : !file.Exists ? throw new DataException($"{list} line {row.Line} names {file.FullName}, which does not exist: complete the images, or remove the line")
                    : (Label: row.Fields[labelColumn], File: Once(known, files.Listed(file), $"{list} line {row.Line}", file.FullName));
            })
            .GroupBy(image => image.Label, image => image.File)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new ImageClass(group.Key, part, [.. group.OrderBy(file => file.Name, StringComparer.Ordinal)]));
    }

    /// <summary>Reads one class name per line, as for CIFAR-FS.</summary>
    private static IEnumerable<ImageClass> Classes(ImageFiles files, Dictionary<string, string> known, string list, SplitPart? part) =>
        TextLines.Read(list)
            .Where(line => line.Text.Trim().Length > 0)
            .Select(line => (line.Number, Folder: new DirectoryInfo(Path.Combine(files.Root, "data", line.Text.Trim()))))
            .Select(line => line.Folder.Exists
                ? Once(known, files.Class(line.Folder, part), $"{list} line {line.Number}", line.Folder.FullName)
                : throw new DataException($"{list} line {line.Number} names {line.Folder.FullName}, which does not exist: complete the images, or remove the line"))
            .OrderBy(item => item.Name, StringComparer.Ordinal);

    private static ImageClass Once(Dictionary<string, string> known, ImageClass item, string at, string name)
    {
        foreach (ImageFile file in item.Files)
        {
            Once(known, file, at, name);
        }

        return item;
    }

    /// <summary>Refuses an image that a line before has: it would be learned from and tested on.</summary>
    private static ImageFile Once(Dictionary<string, string> known, ImageFile file, string at, string name) => known.TryAdd(file.Path, at) ? file
        : throw new DataException($"{at} names {name}, but {known[file.Path]} has {(name == file.Path ? "the image" : file.Path)} already, and an image is in one class of one part: remove one of the lines");
}
