using System.Globalization;
using MetaMap.Core;
using MetaMap.Data.Files;
using MetaMap.Data.Images.Formats;

namespace MetaMap.Data.Images;

/// <summary>Finds image files in a folder, by the endings of their names, and counts the others.</summary>
/// <param name="root">The folder that images are named from.</param>
internal sealed class ImageFiles(string root)
{
    private static readonly string[] _endings = [".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".pgm", ".ppm"];

    private const int MostNames = 3;
    private const long MaxBytes = 100_000_000;

    private readonly SortedDictionary<string, int> _skipped = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _without = new(StringComparer.Ordinal);

    /// <summary>The folder that images are named from.</summary>
    public string Root => root;

    /// <summary>The endings, for messages.</summary>
    public static string Endings { get; } = string.Join(", ", _endings[..^1]) + " or " + _endings[^1];

    /// <summary>Whether a file is named as an image.</summary>
    public static bool IsImage(FileInfo file) => _endings.Contains(file.Extension.ToLowerInvariant());

    /// <summary>Whether a folder holds images at any depth.</summary>
    public static bool AreIn(DirectoryInfo folder) => DataPath.Any(folder.FullName, IsImage);

    /// <summary>The folders in a folder that hold images at any depth.</summary>
    public static DirectoryInfo[] Folders(string folder) => [.. DataPath.List(folder).OfType<DirectoryInfo>().Where(AreIn)];

    /// <summary>The folders in a folder that hold images at any depth; those that hold none are remembered for <see cref="Notices"/>.</summary>
    public DirectoryInfo[] ClassFolders(string folder)
    {
        ILookup<bool, DirectoryInfo> found = DataPath.List(folder).OfType<DirectoryInfo>().ToLookup(AreIn);
        _without.UnionWith(found[false].Select(item => NameOf(item.FullName)));
        return [.. found[true]];
    }

    /// <summary>A class: the images of a folder and of the folders in it.</summary>
    /// <exception cref="DataException">There are none.</exception>
    public ImageClass Class(DirectoryInfo folder, SplitPart? part)
    {
        FileInfo[] files = [.. DataPath.List(folder.FullName, SearchOption.AllDirectories).OfType<FileInfo>()];
        Skip(files.Where(file => !IsImage(file)));
        ImageFile[] images = [.. files.Where(IsImage).Select(File).OrderBy(file => file.Name, StringComparer.Ordinal)];
        return images.Length > 0 ? new ImageClass(folder.Name, part, images)
            : throw new DataException($"class folder {folder.FullName} holds no images: put {Endings} files into it, or remove it");
    }

    /// <summary>One image that a list names.</summary>
    /// <exception cref="DataException">It is another kind of file.</exception>
    public ImageFile Listed(FileInfo file) => IsImage(file) ? File(file) : throw new DataException($"{file.FullName} is no {Endings} file: convert it, or remove it");

    /// <summary>Counts the files that lie beside class folders.</summary>
    public void SkipBeside(string folder) => Skip(DataPath.List(folder).OfType<FileInfo>());

    /// <summary>Counts files that are no images of a class.</summary>
    public void Skip(IEnumerable<FileInfo> files)
    {
        foreach (string ending in files.Select(file => file.Extension.Length > 0 ? file.Extension.ToLowerInvariant() : file.Name))
        {
            _skipped[ending] = _skipped.GetValueOrDefault(ending) + 1;
        }
    }

    /// <summary>How many folders hold no images and how many files were skipped, and which; nothing when there were none.</summary>
    public IEnumerable<string> Notices()
    {
        if (_without.Count > 0)
        {
            string names = string.Join(", ", _without.Take(MostNames)) + (_without.Count > MostNames ? ", ..." : "");
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{_without.Count} {(_without.Count == 1 ? "folder that holds" : "folders that hold")} no {Endings} files {(_without.Count == 1 ? "is" : "are")} left out ({names})");
        }

        int count = _skipped.Values.Sum();
        if (count > 0)
        {
            string kinds = string.Join(", ", _skipped.OrderByDescending(kind => kind.Value).Take(4).Select(kind => kind.Key)) + (_skipped.Count > 4 ? ", ..." : "");
            yield return string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "file that is no image of a class is" : "files that are no images of a class are")} skipped ({kinds})");
        }
    }

    private string NameOf(string path) => Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');

    private ImageFile File(FileInfo file)
    {
        // Of a link, what it leads to counts: that is what changes.
        FileInfo target = file.LinkTarget is null ? file : (FileInfo)file.ResolveLinkTarget(returnFinalTarget: true)!;
        return !target.Exists ? throw new DataException(
                file.LinkTarget is null ? $"{file.FullName} {DataPath.NoText}" : $"{file.FullName} is a link to {target.FullName}, which does not exist: mend or remove it")
            : target.Length == 0 ? throw new DataException($"{file.FullName} is no {ImageFormat.Names} image that can be read, since it is empty: fetch it again, or remove it")
            : target.Length > MaxBytes ? throw new DataException($"{file.FullName} has {target.Length} bytes, expected at most {MaxBytes}: make it smaller, or remove it")
            : new ImageFile(file.FullName, NameOf(file.FullName), target.Length, target.LastWriteTimeUtc.Ticks);
    }
}
