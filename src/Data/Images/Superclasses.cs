using System.Collections.Immutable;
using System.Globalization;

namespace MetaMap.Data.Images;

/// <summary>Recognises folders that may hold classes instead of being some: none has images of its own, and there are more folders inside them.</summary>
internal static class Superclasses
{
    /// <summary>What to do if the inner folders are the classes; null where the classes are plain.</summary>
    /// <param name="root">The folder that images are named from.</param>
    /// <param name="classes">Read from class folders, in parts or not.</param>
    public static string? Notice(string root, ImmutableArray<ImageClass> classes)
    {
        string[]?[] inner = [.. classes.SelectMany(item => item.Files.Select(file => Inner(file, item.Part is null ? 2 : 3))).DistinctBy(path => path is null ? null : string.Join('/', path))];
        return Array.Exists(inner, path => path is null) || inner.Length <= classes.Length ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"the {classes.Length} class folders of {root} hold no images but {inner.Length} folders of them, such as {string.Join('/', inner[0]!)}: each of the {classes.Length} is one class; "
            + $"if the {inner.Length} are the classes, move or link them into one folder under different names and pass that");
    }

    /// <summary>The folder of some depth that an image is in; null when it lies above.</summary>
    private static string[]? Inner(ImageFile file, int depth)
    {
        string[] path = file.Name.Split('/');
        return path.Length > depth ? path[..depth] : null;
    }
}
