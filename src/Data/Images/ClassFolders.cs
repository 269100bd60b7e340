using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data.Files;

namespace MetaMap.Data.Images;

/// <summary>The layouts without lists: class folders side by side, or inside folders of parts.</summary>
internal static class ClassFolders
{
    /// <summary>Lists the classes with their images, by part and then by name.</summary>
    /// <param name="files">Finds the images.</param>
    /// <param name="split"><see cref="ClassSplitter.Official"/> or <see cref="ClassSplitter.Seeded"/> where that was asked for, otherwise null.</param>
    /// <exception cref="DataException">There are no class folders, or a folder called train may be a part or a class.</exception>
    public static ImmutableArray<ImageClass> List(ImageFiles files, string? split)
    {
        DirectoryInfo[] folders = files.ClassFolders(files.Root);
        files.SkipBeside(files.Root);
        DirectoryInfo[] named = [.. folders.Where(item => ImageFolders.Part(item.Name) is not null)];
        DirectoryInfo[] parts = [.. named.Where(item => ImageFiles.Folders(item.FullName).Length > 0)];
        bool areAllNamed = named.Length == folders.Length;
        return folders.Length == 0 || areAllNamed && parts.Length == 0 ? throw NoClasses(files.Root)
            : parts.Length == 0 || !areAllNamed && split == ClassSplitter.Seeded ? [.. folders.Select(item => files.Class(item, null))]
            : areAllNamed || split == ClassSplitter.Official ? [.. OfParts(files, named)]
            : throw new DataException(
                $"{files.Root} holds folder {folders.First(item => !named.Contains(item)).Name} beside {string.Join(", ", parts.Select(part => part.Name))}, which may be a part of classes or a class: "
                + $"give --split {ClassSplitter.Official} to read the parts alone, or --split {ClassSplitter.Seeded} to read every folder as a class");
    }

    private static IEnumerable<ImageClass> OfParts(ImageFiles files, IEnumerable<DirectoryInfo> parts)
    {
        foreach (DirectoryInfo part in parts.OrderBy(part => ImageFolders.Part(part.Name)))
        {
            files.SkipBeside(part.FullName);
            foreach (DirectoryInfo item in files.ClassFolders(part.FullName))
            {
                yield return files.Class(item, ImageFolders.Part(part.Name));
            }
        }
    }

    private static DataException NoClasses(string root) => new(DataPath.List(root).OfType<DirectoryInfo>().FirstOrDefault() switch
    {
        null => $"{root} holds no class folders: pass a folder with class/*.png or .jpg, or with train, val and test folders of such",
        { } folder when ImageFiles.AreIn(folder) => $"folder {folder.FullName} holds images but no class folders: put the images of each class into a folder of its name",
        { } folder => $"class folder {folder.FullName} holds no images: put {ImageFiles.Endings} files into it, or pass a folder with such class folders",
    });
}
