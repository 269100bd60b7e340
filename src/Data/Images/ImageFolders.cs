using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data.Files;

namespace MetaMap.Data.Images;

/// <summary>
/// Finds the classes of a folder of images, in one of four layouts: a folder for each class, as Caltech-101; class folders inside
/// <c>train</c>, <c>val</c> and <c>test</c>, as tieredImageNet; or with lists (<see cref="ImageLists"/>). A folder that holds nothing
/// but one folder of any layout is passed through.
/// </summary>
internal static class ImageFolders
{
    /// <summary>Lists the classes with their images, by part and then by name.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="split">The split that was asked for, which says what a folder called train is where that is not plain.</param>
    /// <exception cref="DataException">There are no images, or it is not plain what the folders are.</exception>
    public static ImageListing List(string folder, string? split)
    {
        DataPath.RequireFolder(ImageFolderDataset.Name, folder, "the folder that holds a folder for each class");
        ImageFiles files = new(Innermost(Path.GetFullPath(folder)));
        bool hasLists = ImageLists.Applies(files.Root);
        ImmutableArray<ImageClass> classes = hasLists ? ImageLists.List(files) : ClassFolders.List(files, split);
        ImmutableArray<ImageClass> merged = Merged(files.Root, classes);
        string? together = merged == classes ? null
            : $"the parts of {files.Root} hold the same {merged.Length} classes: the images of each are put together, and the classes are split by the seed";
        string? nested = hasLists ? null : Superclasses.Notice(files.Root, classes);
        return new ImageListing(merged, [.. ((string?[])[together, nested]).OfType<string>(), .. files.Notices()]);
    }

    /// <summary>The part that a folder or list is named after; null when it is none.</summary>
    public static SplitPart? Part(string name) => name.ToLowerInvariant() switch
    {
        "train" or "training" => SplitPart.Train,
        "val" or "valid" or "validation" => SplitPart.Validation,
        "test" or "testing" => SplitPart.Test,
        _ => null,
    };

    /// <summary>Goes into a folder as long as it is the only one with images, and holds folders of them itself.</summary>
    private static string Innermost(string folder)
    {
        while (!ImageLists.Applies(folder) && ImageFiles.Folders(folder) is [DirectoryInfo only] && ImageFiles.Folders(only.FullName).Length > 0)
        {
            folder = only.FullName;
        }

        return folder;
    }

    /// <summary>
    /// Puts the images of a class together where the parts divide the images of the same classes, as those of MNIST do: few-shot
    /// parts share no class. The classes as they are where no two have the same name.
    /// </summary>
    private static ImmutableArray<ImageClass> Merged(string root, ImmutableArray<ImageClass> classes)
    {
        IGrouping<string, ImageClass>[] byName = [.. classes.GroupBy(item => item.Name).OrderBy(same => same.Key, StringComparer.Ordinal)];
        if (byName.Length == classes.Length)
        {
            return classes;
        }

        bool areSame = classes.GroupBy(item => item.Part).Any(part => part.Count() == byName.Length);
        return areSame ? [.. byName.Select(same => new ImageClass(same.Key, null, [.. same.SelectMany(item => item.Files)])
        {
            TestFiles = same.Where(item => item.Part == SplitPart.Test).Sum(item => item.Files.Count),
        })]
            : throw new DataException(
                $"class {byName.First(same => same.Count() > 1).Key} of {root} is in more than one of train, val and test, but few-shot parts share no class: "
                + "use a split of the classes, or put the class folders side by side");
    }
}
