using System.Collections.Immutable;
using System.Globalization;

namespace MetaMap.Data.Images;

/// <summary>Recognises folders that may hold classes instead of being some: they have no images of their own, and more than one folder of them.</summary>
internal static class Superclasses
{
    private const int MostNamed = 5;

    /// <summary>What to do if the inner folders are the classes; null where the classes are plain.</summary>
    /// <param name="root">The folder that images are named from.</param>
    /// <param name="classes">Read from class folders, in parts or not.</param>
    public static string? Notice(string root, ImmutableArray<ImageClass> classes)
    {
        string[][] inner = [.. classes.Select(InnerFolders)];
        string[] groups = [.. classes.Zip(inner).Where(item => item.Second.Length > 1).Select(item => item.First.Name)];
        string[] all = [.. inner.SelectMany(folders => folders)];
        return groups.Length == 0 ? null
            : Array.TrueForAll(inner, folders => folders.Length > 0)
                ? string.Create(CultureInfo.InvariantCulture, $"the {classes.Length} class folders of {root} hold no images but {all.Length} folders of them, such as {all[0]}: each of the {classes.Length} is one class; "
                    + $"if the {all.Length} are the classes, move or link them into one folder under different names and pass that")
                : string.Create(CultureInfo.InvariantCulture, $"{groups.Length} of {classes.Length} class folders of {root} hold no images but folders of them ({string.Join(", ", groups.Take(MostNamed))}{(groups.Length > MostNamed ? ", …" : "")}): "
                    + $"each counts as one class; if the folders in it are classes, move them beside the others");
    }

    /// <summary>The folders that all images of a class are in; none where it has images of its own.</summary>
    private static string[] InnerFolders(ImageClass item)
    {
        string?[] folders = [.. item.Files.Select(file => Inner(file, item.Part is null ? 2 : 3)).Distinct(StringComparer.Ordinal)];
        return folders.Contains(null) ? [] : [.. folders.OfType<string>()];
    }

    /// <summary>The folder of some depth that an image is in; null when it lies above.</summary>
    private static string? Inner(ImageFile file, int depth)
    {
        string[] path = file.Name.Split('/');
        return path.Length > depth ? string.Join('/', path[..depth]) : null;
    }
}
