using MetaMap.Data.Omniglot;
using MetaMap.Testing;
using Xunit.Abstractions;

namespace MetaMap.Data.Tests.Omniglot;

public class OmniglotDatasetTests(ITestOutputHelper output)
{
    [Fact]
    public void Open_RealOmniglot_HasItsClassesAndPixels()
    {
        if (SharedData.Find("omniglot", output) is not { } directory)
        {
            return;
        }

        OmniglotDataset dataset = OmniglotDataset.Open(directory);

        Assert.Equal(1623, dataset.Catalog.Classes.Length);
        Assert.All(dataset.Catalog.Classes, item => Assert.Equal(20, item.ExampleCount));
        Assert.Equal("images_background/Alphabet_of_the_Magi/character01", dataset.Catalog.Classes[0].Name);
        Assert.Equal("images_evaluation/ULOG/character26", dataset.Catalog.Classes[^1].Name);
        Assert.Equal("c422e7163163d878", dataset.ClassChecksum(0));
        Assert.Equal("f0d22fb0d0657610", dataset.ClassChecksum(1622));
    }

    [Fact]
    public void CopyInput_SecondStart_ReadsTheSamePixelsFromTheCache()
    {
        using OmniglotFolderOnDisk folder = new OmniglotFolderOnDisk().WithZips();
        CacheOfTests.Forget();
        string first = OmniglotDataset.Open(folder.Location).ClassChecksum(1);
        Assert.Equal(first, OmniglotDataset.Open(folder.Location).ClassChecksum(1));
    }

    [Fact]
    public void Open_Zips_ListsClassesBackgroundFirst()
    {
        using OmniglotFolderOnDisk folder = new OmniglotFolderOnDisk().WithZips();

        DatasetCatalog catalog = OmniglotDataset.Open(folder.Location).Catalog;

        Assert.Equal("omniglot", catalog.Name);
        Assert.Equal(new ImageShape(1, 28, 28), catalog.Input);
        Assert.Equal(
            [
                new DatasetClass("images_background/Alpha/character01", 2),
                new DatasetClass("images_background/Beta/character01", 2),
                new DatasetClass("images_evaluation/Gamma/character01", 2),
            ],
            catalog.Classes.AsEnumerable());
    }

    [Fact]
    public void Open_SmallSets_AreTheBackgroundWithEachCharacterOnce()
    {
        (string Path, byte[] Content)[] images = [.. OmniglotFolderOnDisk.Images.Take(4)];
        using OmniglotFolderOnDisk folder = new OmniglotFolderOnDisk()
            .WithZip("images_background_small1", images.Take(2).Select(image => (image.Path.Replace("background", "background_small1", StringComparison.Ordinal), image.Content)))
            .WithZip("images_evaluation", [.. OmniglotFolderOnDisk.Images.Skip(4), ("__MACOSX/images_evaluation/._x.png", []), ("images_evaluation/Gamma/Thumbs.db", [])]);
        foreach ((string path, byte[] content) in images)
        {
            folder.WithFile(path.Replace("background", "background_small2", StringComparison.Ordinal), content);
        }

        DatasetCatalog catalog = OmniglotDataset.Open(folder.Location).Catalog;
        Assert.Equal(
            ["images_background_small1/Alpha/character01", "images_background_small2/Beta/character01", "images_evaluation/Gamma/character01"],
            catalog.Classes.Select(item => item.Name));
        Assert.Equal((2, 1), (ClassSplitter.Split(catalog, "official", 1).Train.Length, ClassSplitter.Split(catalog, "official", 1).Test.Length));
        Assert.NotEmpty(OmniglotDataset.Open(folder.Location).Image(1, 0));

        folder.WithZip("images_background", images);
        catalog = OmniglotDataset.Open(folder.Location).Catalog;
        Assert.Equal("images_background/Alpha/character01", catalog.Classes[0].Name);
        Assert.Equal(2, catalog.Notices.Length);
    }

    [Fact]
    public void Open_FolderAroundTheSets_IsEntered()
    {
        using OmniglotFolderOnDisk folder = new();
        folder.WithFile("readme.txt", []).WithFile("python/" + OmniglotFolderOnDisk.Images[0].Path, OmniglotFolderOnDisk.Images[0].Content);
        Assert.Equal(["images_background/Alpha/character01"], OmniglotDataset.Open(folder.Location).Catalog.Classes.Select(item => item.Name));
    }

    [Fact]
    public void Open_OtherEntryOrderOrUnpacked_HasTheSameDigestAndPixels()
    {
        using OmniglotFolderOnDisk zips = new OmniglotFolderOnDisk().WithZips();
        using OmniglotFolderOnDisk reversed = new OmniglotFolderOnDisk()
            .WithZip("images_background", OmniglotFolderOnDisk.Images.Take(4).Reverse())
            .WithZip("images_evaluation", OmniglotFolderOnDisk.Images.Skip(4).Reverse());
        using OmniglotFolderOnDisk unpacked = new();
        foreach ((string path, byte[] content) in OmniglotFolderOnDisk.Images)
        {
            unpacked.WithFile(path, content);
        }

        OmniglotDataset expected = OmniglotDataset.Open(zips.Location);
        string[] checksums = [.. Enumerable.Range(0, 3).Select(i => expected.ClassChecksum(i))];
        foreach (OmniglotFolderOnDisk folder in (OmniglotFolderOnDisk[])[reversed, unpacked])
        {
            CacheOfTests.Forget();
            OmniglotDataset dataset = OmniglotDataset.Open(folder.Location);
            Assert.Equal(expected.Catalog.Digest, dataset.Catalog.Digest);
            Assert.Equal(expected.Catalog.Classes.AsEnumerable(), dataset.Catalog.Classes.AsEnumerable());
            Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(checksums[i], dataset.ClassChecksum(i)));
        }
    }

    [Fact]
    public void Open_OneOtherImage_HasAnotherDigest()
    {
        using OmniglotFolderOnDisk zips = new OmniglotFolderOnDisk().WithZip("images_background", OmniglotFolderOnDisk.Images.Take(4));
        using OmniglotFolderOnDisk other = new OmniglotFolderOnDisk().WithZip(
            "images_background",
            [.. OmniglotFolderOnDisk.Images.Take(3), (OmniglotFolderOnDisk.Images[3].Path, OmniglotFolderOnDisk.Images[2].Content)]);

        Assert.NotEqual(OmniglotDataset.Open(zips.Location).Catalog.Digest, OmniglotDataset.Open(other.Location).Catalog.Digest);
    }

    [Fact]
    public void CopyInput_AnyImage_IsTheInkAveragedByArea()
    {
        using OmniglotFolderOnDisk folder = new OmniglotFolderOnDisk().WithZips();
        OmniglotDataset dataset = OmniglotDataset.Open(folder.Location);

        AssertArea((row, column) => row < 40, dataset.Image(0, 0));
        AssertArea((row, column) => row * row + column * column < 5000, dataset.Image(1, 1));
        AssertArea((row, column) => (row * 7 + column * 13) % 11 < 3, dataset.Image(2, 0));
    }

    [Fact]
    public void CopyInput_FromManyThreads_DecodesOnce()
    {
        using OmniglotFolderOnDisk folder = new OmniglotFolderOnDisk().WithZips();
        OmniglotDataset dataset = OmniglotDataset.Open(folder.Location);

        string[] checksums = new string[16];
        Parallel.For(0, checksums.Length, i => checksums[i] = dataset.ClassChecksum(0));

        Assert.Single(checksums.Distinct());
    }

    /// <summary>Samples each of the 28x28 pixels at 15x15 points: a source pixel is 4 of these wide.</summary>
    private static void AssertArea(Func<int, int, bool> ink, float[] image)
    {
        for (int i = 0; i < image.Length; i++)
        {
            int hits = 0;
            for (int point = 0; point < 225; point++)
            {
                hits += ink((i / 28 * 15 + point / 15) / 4, (i % 28 * 15 + point % 15) / 4) ? 1 : 0;
            }

            Assert.Equal(hits / 225f, image[i], 0.5f / 255 + 1e-6f);
        }
    }
}
