using System.Diagnostics;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Training.Configuration;

namespace MetaMap.Data.Tests.Images;

/// <summary>Folders are taken as their authors and desktops leave them.</summary>
public sealed class ImageFoldersTests : IDisposable
{
    private readonly ImageFolderOnDisk _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_WhatDesktopsLeave_IsIgnoredEverywhere()
    {
        With("a/1.png", "b/1.png");
        foreach (string leftover in new[] { "Thumbs.db", "a/Thumbs.db", "b/desktop.ini", "a/.DS_Store", "__MACOSX/a/1.png", "a/._1.png", "a/@eaDir/1.png", "$RECYCLE.BIN/x/1.png", ".git/a.png" })
        {
            _folder.With(leftover, ImageFolderOnDisk.Grey(2, 3));
        }

        AssertOpens(["a 1", "b 1"]);
    }

    /// <summary>As archives from other systems leave them: a byte of Latin-1 in the name of a file, or of a folder.</summary>
    [Theory]
    [InlineData("a/1.png", "a/caf\\xe9.png")]
    [InlineData("a", "caf\\xe9")]
    public void Open_NameThatIsNoUtf8_IsSaid(string from, string to)
    {
        if (OperatingSystem.IsLinux())
        {
            With("a/1.png", "b/1.png");
            Shell($"cp -r {from} $'{to}'");
            DataException? error = Record.Exception(() => _folder.Open()) as DataException;
            Shell($"rm -r $'{to}'");
            Assert.EndsWith("has a name that is no UTF-8 text, so it cannot be opened: rename it", error?.Message, StringComparison.Ordinal);
        }
    }

    private void Shell(string command)
    {
        using Process shell = Process.Start(new ProcessStartInfo("bash", ["-c", command]) { WorkingDirectory = _folder.Location })!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    [Fact]
    public void Open_StrayFiles_AreSkippedAndCounted()
    {
        With("a/1.png", "b/1.png", "sample.png");
        _folder.With("readme.txt", "").With("a/notes.txt", "").With("b/labels.json", "").With("docs/manual.pdf", "");
        AssertOpens(
            ["a 1", "b 1"], "1 folder that holds no .png, .jpg, .jpeg, .gif, .bmp, .webp, .pgm or .ppm files is left out (docs)", "4 files that are no images of a class are skipped (.txt, .json, .png)");
    }

    [Fact]
    public void Open_ClassFoldersWithoutImages_AreCountedAndNamed()
    {
        With("train/a/1.png", "test/b/1.png");
        _folder.With("train/cat/1.heic", "").With("train/dog/1.tiff", "").With("train/elk/1.avif", "").With("val/fox/1.heic", "");
        AssertOpens(
            ["a 1", "b 1"], "4 folders that hold no .png, .jpg, .jpeg, .gif, .bmp, .webp, .pgm or .ppm files are left out (train/cat, train/dog, train/elk, ...)");
    }

    [Theory]
    [InlineData(2, 3, "animals/cat/1.png", "animals/dog/1.png", "vehicles/car/1.png")]
    [InlineData(3, 4, "train/animals/cat/1.png", "train/vehicles/car/1.png", "test/plants/oak/1.png", "test/plants/oak/2.png", "test/plants/fir/1.png")]
    public void Open_FoldersOfClassFolders_AreOneClassEachAndSaid(int outer, int inner, params string[] paths)
    {
        With(paths);
        DatasetCatalog catalog = _folder.Open().Catalog;
        Assert.Equal(outer, catalog.Classes.Length);
        Assert.EndsWith(
            $" hold no images but {inner} folders of them, such as {Path.GetDirectoryName(paths[0])}: each of the {outer} is one class; "
            + $"if the {inner} are the classes, move or link them into one folder under different names and pass that",
            Assert.Single(catalog.Notices), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("n02", "n01/1.png", "n02/left/1.png", "n02/right/1.png")]
    [InlineData("group", "a/1.png", "b/1.png", "group/c/1.png", "group/d/1.png")]
    public void Open_FolderOfClassFoldersAmongClasses_IsOneClassAndSaid(string group, params string[] paths)
    {
        With(paths);
        DatasetCatalog catalog = _folder.Open().Catalog;
        Assert.Contains(
            $" hold no images but folders of them ({group}): each counts as one class; if the folders in it are classes, move them beside the others", Assert.Single(catalog.Notices), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("n01/images/1.png", "n02/images/1.png")]
    public void Open_PlainClassesWithFoldersInside_SaysNothing(params string[] paths)
    {
        With(paths);
        AssertOpens([.. paths.GroupBy(path => path[..3]).Select(item => $"{item.Key} {item.Count()}")]);
    }

    [Fact]
    public void Open_ClassCalledTrain_IsAClassAmongOthers()
    {
        With("bus/1.png", "car/1.png", "train/1.png", "test/1.png");
        AssertOpens(["bus 1", "car 1", "test 1", "train 1"]);
    }

    [Fact]
    public void Open_FoldersBesideParts_AreWhatTheSplitSays()
    {
        With("train/a/1.png", "train/b/1.png", "test/c/1.png", "extra/1.png", "extra/2.png");
        Assert.Equal(["a Train", "b Train", "c Test"], Parts(_folder.Open(split: "official")));
        Assert.Equal(["extra ", "test ", "train "], Parts(_folder.Open(split: "seeded")));
    }

    [Fact]
    public void Open_PartsWithTestImagesOutsideClasses_SkipsThem()
    {
        With("train/a/1.png", "valid/b/1.png", "test/1.png", "test/2.png");
        Assert.Equal(["a Train", "b Validation"], Parts(_folder.Open()));
        Assert.Equal(["2 files that are no images of a class are skipped (.png)"], _folder.Open().Catalog.Notices.AsEnumerable());
    }

    [Fact]
    public void Open_SameClassesInEachPart_ArePutTogether()
    {
        With("mnist_png/training/0/1.png", "mnist_png/training/0/2.png", "mnist_png/training/1/1.png", "mnist_png/testing/0/9.png", "mnist_png/testing/1/9.png");
        IEpisodeDataset dataset = _folder.Open();
        Assert.Equal(["0 ", "1 "], Parts(dataset));
        Assert.Equal([3, 2], dataset.Catalog.Classes.Select(item => item.ExampleCount));
        Assert.EndsWith(
            "hold the same 2 classes: the images of each are put together, and the classes are split by the seed",
            Assert.Single(dataset.Catalog.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Caltech101_FindsItsCategories()
    {
        With("caltech-101/101_ObjectCategories/ant/image_0001.jpg", "caltech-101/101_ObjectCategories/bass/image_0001.jpg");
        _folder.With("caltech-101/Annotations/ant/annotation_0001.mat", "").With("caltech-101/show_annotation.m", "");
        AssertOpens(["ant 1", "bass 1"]);
    }

    [Fact]
    public void Open_CifarFs_ReadsItsSplit()
    {
        With("cifar100/data/apple/1.png", "cifar100/data/train/1.png", "cifar100/data/bee/1.png");
        _folder.With("cifar100/splits/bertinetto/train.txt", "train\n").With("cifar100/splits/bertinetto/val.txt", "bee\n").With("cifar100/splits/bertinetto/test.txt", "apple\n");
        Assert.Equal(["train Train", "bee Validation", "apple Test"], Parts(_folder.Open()));
    }

    [Fact]
    public void Open_MiniImageNetInAFolder_ReadsItsLists()
    {
        With("mini/images/n1.jpg", "mini/images/n2.jpg");
        _folder.With("mini/train.csv", "filename,label\nn1.jpg,n01532829\n").With("mini/test.csv", "filename,label\nn2.jpg,n01930112\n");
        Assert.Equal(["n01532829 Train", "n01930112 Test"], Parts(_folder.Open()));
    }

    [Fact]
    public void Resolve_Images_LeaveTheSplitToTheFolder() => Assert.Null(OptionValues.Of(("dataset", "images")).Resolve().Split);

    private void With(params string[] paths)
    {
        foreach (string path in paths)
        {
            _folder.With(path, ImageFolderOnDisk.Grey(2, 9));
        }
    }

    private void AssertOpens(string[] classes, params string[] notices)
    {
        DatasetCatalog catalog = _folder.Open().Catalog;
        Assert.Equal(classes, catalog.Classes.Select(item => $"{item.Name} {item.ExampleCount}"));
        Assert.Equal(notices, catalog.Notices.AsEnumerable());
    }

    private static IEnumerable<string> Parts(IEpisodeDataset dataset) => dataset.Catalog.Classes.Select(item => $"{item.Name} {item.Part}");
}
