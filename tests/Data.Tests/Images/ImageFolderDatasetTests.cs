using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Data.Tests.Images;

public sealed class ImageFolderDatasetTests : IDisposable
{
    private readonly ImageFolderOnDisk _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_ClassFolders_ListsClassesAndKeepsPixels()
    {
        _folder.With("cat/b.png", PngFile.Of(4, 6, 1, (row, column, _) => 10 * row + column)).With("cat/a.png", PngFile.Of(4, 6, 1, (_, _, _) => 255))
            .With("ant/deeper/1.PNG", PngFile.Of(4, 6, 1, (_, _, _) => 0)).With(".hidden/x.txt", "").With("cat/.DS_Store", "").With("readme.txt", "");
        IEpisodeDataset dataset = _folder.Open();
        Assert.Equal([new DatasetClass("ant", 1), new DatasetClass("cat", 2)], dataset.Catalog.Classes.AsEnumerable());
        Assert.Equal(new ImageShape(1, 4, 6), dataset.Catalog.Input);
        Assert.All(dataset.Image(1, 0), value => Assert.Equal(1, value));
        Assert.Equal(Enumerable.Range(0, 24).Select(i => 10 * (i / 6) + i % 6), dataset.Image(1, 1).Select(value => (int)Math.Round(value * 255)));
    }

    [Fact]
    public void Open_LinksToFoldersThatTheyLieIn_CountsEveryImageOnce()
    {
        _folder.With("a/1.png", ImageFolderOnDisk.Grey(2, 50)).With("b/1.png", ImageFolderOnDisk.Grey(2, 60)).With("c/1.png", ImageFolderOnDisk.Grey(2, 70));
        Directory.CreateSymbolicLink(Path.Combine(_folder.Location, "a", "itself"), Path.Combine(_folder.Location, "a"));
        Directory.CreateSymbolicLink(Path.Combine(_folder.Location, "all"), "..");
        Directory.CreateSymbolicLink(Path.Combine(_folder.Location, "b", "all"), _folder.Location);
        // A link to what it does not lie in is followed.
        Directory.CreateSymbolicLink(Path.Combine(_folder.Location, "c", "more"), Path.Combine(_folder.Location, "a"));
        Assert.Equal([new DatasetClass("a", 1), new DatasetClass("b", 1), new DatasetClass("c", 2)], _folder.Open().Catalog.Classes.AsEnumerable());
    }

    [Fact]
    public void Open_AnyImageWithColour_HasThreeChannelsInPlanes()
    {
        _folder.With("a/grey.png", ImageFolderOnDisk.Grey(2, 50)).With("b/colour.png", PngFile.Of(2, 2, 3, (row, column, channel) => 100 * channel + 10 * row + column));
        IEpisodeDataset dataset = _folder.Open();
        Assert.Equal(new ImageShape(3, 2, 2), dataset.Catalog.Input);
        Assert.All(dataset.Image(0, 0), value => Assert.Equal(50 / 255f, value));
        Assert.Equal([0, 1, 10, 11, 100, 101, 110, 111, 200, 201, 210, 211], dataset.Image(1, 0).Select(value => (int)Math.Round(value * 255)));
    }

    [Fact]
    public void Open_Jpeg_IsDecoded()
    {
        _folder.With("a/1.jpg", ImageFolderOnDisk.GreyJpeg).With("b/2.jpeg", ImageFolderOnDisk.RedJpeg);
        IEpisodeDataset dataset = _folder.Open();
        Assert.Equal(new ImageShape(3, 8, 16), dataset.Catalog.Input);
        Assert.All(dataset.Image(0, 0), value => Assert.Equal(100 / 255f, value, 0.01f));
        float[] red = dataset.Image(1, 0);
        Assert.All(red[..128], value => Assert.Equal(238 / 255f, value, 0.02f));
        Assert.All(red[128..], value => Assert.Equal(14 / 255f, value, 0.02f));
    }

    [Fact]
    public void Open_SeveralSizes_AreMade84()
    {
        _folder.With("a/1.png", ImageFolderOnDisk.Grey(3, 77)).With("b/2.png", ImageFolderOnDisk.Grey(200, 200));
        IEpisodeDataset dataset = _folder.Open();
        Assert.Equal(new ImageShape(1, 84, 84), dataset.Catalog.Input);
        Assert.All(dataset.Image(0, 0), value => Assert.Equal(77 / 255f, value));
        Assert.All(dataset.Image(1, 0), value => Assert.Equal(200 / 255f, value));
    }

    [Fact]
    public void Open_ImageSize_AveragesByTriangles()
    {
        _folder.With("a/1.png", PngFile.Of(4, 4, 1, (_, column, _) => column < 2 ? 0 : 240));
        IEpisodeDataset dataset = _folder.Open(side: 2);

        // Weights of the two result columns over the source: 3, 3, 1, 0 of 7 and mirrored.
        Assert.Equal([34, 206, 34, 206], dataset.Image(0, 0).Select(value => (int)Math.Round(value * 255)));
        Assert.Equal([0, 0, 0, 60, 180, 240, 240, 240], _folder.Open(side: 8).Image(0, 0)[..8].Select(value => (int)Math.Round(value * 255)));
    }

    [Theory]
    [InlineData("val")]
    [InlineData("validation")]
    public void Open_SplitFolders_AreTheDefaultSplit(string validation)
    {
        foreach (string path in new[] { "test/e/1.png", "test/d/1.png", $"{validation}/c/1.png", "train/a/1.png", "train/b/1.png" })
        {
            _folder.With(path, ImageFolderOnDisk.Grey(4, 1));
        }

        DatasetCatalog catalog = _folder.Open().Catalog;
        Assert.Equal(["a", "b", "c", "d", "e"], catalog.Classes.Select(item => item.Name));
        RunOptions options = OptionValues.Of(("dataset", "images"), ("ways", 2)).Resolve();
        Assert.Equal(options, options.With());
        ClassSplit split = ClassSplitter.Split(catalog, options.Split, options.Seed);
        Assert.Equal((2, 1, 2), (split.Train.Length, split.Validation.Length, split.Test.Length));
        Assert.Equal(SplitPart.Validation, catalog.Classes[2].Part);
    }

    [Fact]
    public void Open_ListsOfFiles_AreTheSplit()
    {
        _folder.With("images/n1.jpg", ImageFolderOnDisk.GreyJpeg).With("images/n2.jpg", ImageFolderOnDisk.GreyJpeg).With("images/n3.jpg", ImageFolderOnDisk.GreyJpeg)
            .With("images/n4.jpg", ImageFolderOnDisk.GreyJpeg).With("train.csv", "filename,label\nn2.jpg,b\nn1.jpg,a\n").With("val.csv", "filename,label\n\"n3.jpg\",c\n").With("test.csv", "filename,label\nn4.jpg,d\n");
        DatasetCatalog catalog = _folder.Open().Catalog;
        Assert.Equal(
            [("a", SplitPart.Train), ("b", SplitPart.Train), ("c", SplitPart.Validation), ("d", SplitPart.Test)],
            catalog.Classes.Select(item => (item.Name, item.Part!.Value)));
    }

    [Fact]
    public void Open_ListsOfClasses_AreTheSplit()
    {
        foreach (string name in new[] { "apple", "bee", "cup", "unlisted" })
        {
            _folder.With($"data/{name}/1.png", ImageFolderOnDisk.Grey(4, 1));
        }

        _folder.With("splits/bertinetto/train.txt", "bee\napple\n").With("splits/bertinetto/val.txt", "").With("splits/bertinetto/test.txt", "cup\r\n");
        Assert.Equal(
            [("apple", SplitPart.Train), ("bee", SplitPart.Train), ("cup", SplitPart.Test)],
            _folder.Open().Catalog.Classes.Select(item => (item.Name, item.Part!.Value)));
    }

    [Fact]
    public void Open_SameFilesElsewhere_HasTheSameDigestAndChangesDoNot()
    {
        using ImageFolderOnDisk other = new();
        string digest = _folder.With("a/1.png", ImageFolderOnDisk.Grey(4, 1)).Open().Catalog.Digest;
        Assert.Equal(digest, other.With("a/1.png", ImageFolderOnDisk.Grey(4, 1)).Open().Catalog.Digest);
        Assert.NotEqual(digest, other.Open(side: 3).Catalog.Digest);
        Assert.NotEqual(digest, other.With("a/2.png", ImageFolderOnDisk.Grey(4, 1)).Open().Catalog.Digest);
    }

    /// <summary>Files without compression have the same length whatever they show.</summary>
    [Fact]
    public void Open_OtherPixelsInAFileOfTheSameLength_HasAnotherDigest()
    {
        using ImageFolderOnDisk other = new();
        string digest = _folder.With("a/1.pgm", "P5 2 2 255\nabcd").Open().Catalog.Digest;
        Assert.NotEqual(digest, other.With("a/1.pgm", "P5 2 2 255\nabce").Open().Catalog.Digest);
        string image = Path.Combine(_folder.Location, "a", "1.pgm");
        File.SetLastWriteTimeUtc(image, File.GetLastWriteTimeUtc(image).AddHours(1));
        Assert.Equal(digest, _folder.Open().Catalog.Digest);
        _folder.With("a/1.pgm", "P5 2 2 255\nabce");
        File.SetLastWriteTimeUtc(image, File.GetLastWriteTimeUtc(image).AddHours(2));
        Assert.Equal(other.Open().Catalog.Digest, _folder.Open().Catalog.Digest);
        Assert.Equal('e' / 255f, _folder.Open().Image(0, 0)[3]);
    }

    /// <summary>As archives leave them that keep no times, read through one cache folder.</summary>
    [Fact]
    public void CopyInput_FolderWithFilesOfTheSameNamesLengthsAndTimes_IsReadFromItsOwn()
    {
        using ImageFolderOnDisk other = new();
        foreach ((ImageFolderOnDisk folder, string pixels) in new[] { (_folder, "abcd"), (other, "abce") })
        {
            folder.With("a/1.pgm", "P5 2 2 255\n" + pixels);
            File.SetLastWriteTimeUtc(Path.Combine(folder.Location, "a", "1.pgm"), DateTime.UnixEpoch);
        }

        Assert.Equal('d' / 255f, _folder.Open().Image(0, 0)[3]);
        Assert.Equal('e' / 255f, other.Open().Image(0, 0)[3]);
    }

    [Fact]
    public void CopyInput_SecondStart_ReadsTheCacheAlone()
    {
        _folder.With("a/1.png", ImageFolderOnDisk.Grey(4, 9));
        _folder.Open().Image(0, 0);
        string image = Path.Combine(_folder.Location, "a", "1.png");
        DateTime time = File.GetLastWriteTimeUtc(image);
        File.WriteAllBytes(image, new byte[new FileInfo(image).Length]);
        File.SetLastWriteTimeUtc(image, time);
        Assert.All(_folder.Open().Image(0, 0), value => Assert.Equal(9 / 255f, value));
        File.SetLastWriteTimeUtc(image, time.AddSeconds(1));
        Assert.Contains("is no PNG, JPEG, GIF, BMP, WebP, PGM or PPM image", Assert.Throws<DataException>(() => _folder.Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void For_FewerClassesThanWays_SaysHowManyEachPartHas()
    {
        _folder.With("a/1.png", ImageFolderOnDisk.Grey(4, 9));
        Assert.Contains(
            "(it has 0 training, 0 validation and 1 test classes)",
            Assert.Throws<DataException>(() => EpisodeSampler.For(OptionValues.Of(("ways", 5)).Resolve(), _folder.Open().Catalog)).Message, StringComparison.Ordinal);
    }
}
