using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data.Files;

namespace MetaMap.Data.Images;

/// <summary>
/// Finds the classes of a folder of images, in one of four layouts: a folder for each class; class folders inside
/// <c>train</c>, <c>val</c> (or <c>validation</c>) and <c>test</c>, as tieredImageNet; <c>images</c> with lists
/// <c>train.csv</c>, <c>val.csv</c> and <c>test.csv</c> of file names and labels, as mini-ImageNet (Ravi and Larochelle
/// 2017); or <c>data</c> with lists of class names in <c>splits/bertinetto</c>, as CIFAR-FS (Bertinetto et al. 2019).
/// </summary>
internal static class ImageFolders
{
    private static readonly string[] _endings = [".png", ".jpg", ".jpeg"];

    /// <summary>Lists the classes with their images, by part and then by name.</summary>
    /// <exception cref="DataException">There are no images, a class has none, the layout is another one, or a class is in two parts.</exception>
    public static ImmutableArray<ImageClass> List(string folder)
    {
        DataPath.RequireFolder(ImageFolderDataset.Name, folder, "the folder that holds a folder for each class");
        ImmutableArray<ImageClass> classes = ImageLists.Applies(folder) ? ImageLists.List(folder) : ListFolders(folder);
        if (classes.Length == 0)
        {
            throw new DataException(
                $"{folder} holds no class folders: pass a folder with class/*.png or .jpg, or with train, val and test folders of such");
        }

        foreach (IGrouping<string, ImageClass> same in classes.GroupBy(item => item.Name).Where(same => same.Count() > 1))
        {
            throw new DataException(
                $"class {same.Key} of {folder} is in more than one of train, val and test, but few-shot parts share no class: "
                + "use a split of the classes, or put the class folders side by side");
        }

        return classes;
    }

    /// <summary>The images of one class folder, including those in its subfolders.</summary>
    /// <exception cref="DataException">There are none, or there are other files among them.</exception>
    public static ImageClass Class(string root, DirectoryInfo folder, SplitPart? part)
    {
        ImageFile[] files = [.. DataPath.List(folder.FullName, SearchOption.AllDirectories)
            .OfType<FileInfo>()
            .Where(file => !Path.GetRelativePath(root, file.FullName).Split(Path.DirectorySeparatorChar).Any(step => step.StartsWith('.')))
            .Select(file => File(root, file))
            .OrderBy(file => file.Name, StringComparer.Ordinal)];
        return files.Length > 0 ? new ImageClass(folder.Name, part, files)
            : throw new DataException($"class folder {folder.FullName} holds no images: put .png or .jpg files into it, or remove it");
    }

    /// <summary>One image, recognised by its file name extension.</summary>
    /// <exception cref="DataException">It is another kind of file.</exception>
    public static ImageFile File(string root, FileInfo file)
    {
        if (!_endings.Contains(file.Extension.ToLowerInvariant()))
        {
            throw new DataException($"{file.FullName} is no .png, .jpg or .jpeg file: convert it, or remove it");
        }

        string name = Path.GetRelativePath(root, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
        return new ImageFile(file.FullName, name, file.Length, file.LastWriteTimeUtc.Ticks);
    }

    /// <summary>The part that a folder or list is named after; null when it is none.</summary>
    public static SplitPart? Part(string name) => name switch
    {
        "train" => SplitPart.Train,
        "val" or "validation" => SplitPart.Validation,
        "test" => SplitPart.Test,
        _ => null,
    };

    private static ImmutableArray<ImageClass> ListFolders(string folder)
    {
        DirectoryInfo[] folders = [.. DataPath.List(folder).OfType<DirectoryInfo>()];
        if (!folders.Any(item => Part(item.Name) is not null))
        {
            return [.. folders.Select(item => Class(folder, item, null))];
        }

        return folders.FirstOrDefault(item => Part(item.Name) is null) is { } other
            ? throw new DataException($"{folder} holds folder {other.Name} beside train, val and test: remove it, or put all class folders side by side")
            : [.. folders.OrderBy(part => Part(part.Name)).SelectMany(part =>
                DataPath.List(part.FullName).OfType<DirectoryInfo>().Select(item => Class(folder, item, Part(part.Name))))];
    }
}
