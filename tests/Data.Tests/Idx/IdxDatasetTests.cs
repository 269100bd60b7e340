using System.IO.Compression;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data.Idx;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Data.Tests.Idx;

public sealed class IdxDatasetTests : IDisposable
{
    private readonly IdxFolderOnDisk _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mnist", true, "7")]
    [InlineData("mnist", false, "7")]
    [InlineData("fashion-mnist", true, "sneaker")]
    public void Open_FourFiles_MergesThemByClass(string name, bool gzip, string seventh)
    {
        CacheOfTests.Forget();
        _folder.WithAll(gzip);
        IEpisodeDataset dataset = OptionValues.Of(("dataset", name)).Resolve().OpenDataset(_folder.Location);
        Assert.Equal((name, (InputShape)new ImageShape(1, 2, 3), 10), (dataset.Catalog.Name, dataset.Catalog.Input, dataset.Catalog.Classes.Length));
        Assert.Equal(new DatasetClass(seventh, 6) { TestExamples = 2 }, dataset.Catalog.Classes[7]);
        int[] firstPixels = [.. Enumerable.Range(0, 6).Select(example => (int)Math.Round(255 * dataset.Image(7, example)[0]))];
        Assert.Equal([7, 17, 27, 37, 107, 117], firstPixels);
        Assert.Equal([7, 17, 27, 37, 47, 57], dataset.Image(7, 0).Select(value => (int)Math.Round(255 * value)));
    }

    [Fact]
    public void Open_GzippedOrNot_HasTheSameDigest()
    {
        using IdxFolderOnDisk plain = new IdxFolderOnDisk().WithAll(gzip: false);
        using IdxFolderOnDisk other = new IdxFolderOnDisk().WithAll(gzip: true).With("t10k-images-idx3-ubyte", IdxFolderOnDisk.Images(20, 101), gzip: true);
        string digest = Open(_folder.WithAll(gzip: true)).Catalog.Digest;
        Assert.Equal(digest, Open(plain).Catalog.Digest);
        Assert.NotEqual(digest, Open(other).Catalog.Digest);
    }

    [Fact]
    public void For_TenClasses_LeaveTwoForTestAndSaySo()
    {
        DatasetCatalog catalog = Open(_folder.WithAll(gzip: true)).Catalog;
        Assert.Equal(2, EpisodeSampler.For(OptionValues.Of(("dataset", "mnist")).Resolve(), catalog).Sample(SplitPart.Test, 0, 0).Classes.Length);
        Assert.Equal(
            "dataset mnist has 2 test classes, 5 ways need at least 5 (it has 6 training, 2 validation and 2 test classes): train with --ways 2 or fewer, or add classes",
            Assert.Throws<DataException>(() => EpisodeSampler.For(OptionValues.Of(("dataset", "mnist"), ("ways", 5)).Resolve(), catalog)).Message);
    }

    [Fact]
    public void Open_MissingFile_SaysWhich()
    {
        _folder.WithAll(gzip: true);
        File.Delete(Path.Combine(_folder.Location, "t10k-labels-idx1-ubyte.gz"));
        AssertOpenFails("holds neither t10k-labels-idx1-ubyte nor t10k-labels-idx1-ubyte.gz: put the four files of mnist into it");
    }

    [Fact]
    public void Open_FileForFolder_IsTold()
    {
        string file = Path.Combine(_folder.Location, "file");
        File.WriteAllText(file, "");
        Assert.Contains("is a file: pass the folder", Assert.Throws<DataException>(() => IdxDefinition.OfMnist.Open(new ClassificationOptions(), new EpisodeShape(2, 1, 1), file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "does not begin as an IDX file")]
    [InlineData(10, "does not begin as an IDX file")]
    [InlineData(100, "has 100 bytes, expected 256, it is cut off")]
    [InlineData(255, "has 255 bytes, expected 256, it is cut off")]
    public void Open_CutOff_IsTold(int length, string part)
    {
        _folder.WithAll(gzip: false).With("train-images-idx3-ubyte", IdxFolderOnDisk.Images(40, 0)[..length], gzip: false);
        AssertOpenFails(part);
    }

    [Fact]
    public void CopyInput_AnyCutOffGzip_IsTold()
    {
        _folder.WithAll(gzip: true);
        string path = Path.Combine(_folder.Location, "train-images-idx3-ubyte.gz");
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length += 7)
        {
            File.WriteAllBytes(path, whole[..length]);
            AssertTells("train-images-idx3-ubyte.gz", Assert.Throws<DataException>(() => Open(_folder).Image(0, 0)));
        }
    }

    [Fact]
    public void CopyInput_DamagedGzip_IsTold()
    {
        _folder.WithAll(gzip: true);
        string path = Path.Combine(_folder.Location, "train-images-idx3-ubyte.gz");
        byte[] damaged = File.ReadAllBytes(path);
        damaged[^6] ^= 1;
        File.WriteAllBytes(path, damaged);
        AssertTells("train-images-idx3-ubyte.gz", Assert.Throws<DataException>(() => Open(_folder).Image(0, 0)));
    }

    /// <summary>Packed without compression, so that a changed byte changes one pixel and nothing else.</summary>
    [Theory]
    [InlineData("train-images-idx3-ubyte")]
    [InlineData("t10k-labels-idx1-ubyte")]
    public void CopyInput_GzipWithAnotherByteInTheMiddle_IsTold(string name)
    {
        _folder.WithAll(gzip: true);
        string path = Path.Combine(_folder.Location, name + ".gz");
        using (FileStream file = File.Create(path))
        using (GZipStream gzip = new(file, CompressionLevel.NoCompression))
        {
            gzip.Write(name.StartsWith("train", StringComparison.Ordinal) ? IdxFolderOnDisk.Images(40, 0) : IdxFolderOnDisk.Labels(20));
        }

        Assert.NotEmpty(Open(_folder).Image(0, 0));
        byte[] damaged = File.ReadAllBytes(path);
        damaged[^12] ^= 1;
        File.WriteAllBytes(path, damaged);
        CacheOfTests.Forget();
        AssertTells(name + ".gz", Assert.Throws<DataException>(() => Open(_folder).Image(0, 0)));
    }

    [Fact]
    public void CopyInput_PlainFileChangedAfterOpening_IsTold()
    {
        IEpisodeDataset dataset = Open(_folder.WithAll(gzip: false));
        _folder.With("train-images-idx3-ubyte", IdxFolderOnDisk.Images(40, 1), gzip: false);
        CacheOfTests.Forget();
        AssertTells("its checksum does not match", Assert.Throws<DataException>(() => dataset.Image(0, 0)));
    }

    [Fact]
    public void Open_NoGzip_IsTold()
    {
        _folder.WithAll(gzip: true);
        File.WriteAllText(Path.Combine(_folder.Location, "train-labels-idx1-ubyte.gz"), "<html>not found</html>");
        AssertOpenFails("does not unpack, it is damaged or no gzip file");
    }

    [Fact]
    public void Open_OtherNumberOfLabels_SaysBoth()
    {
        _folder.WithAll(gzip: true).With("train-labels-idx1-ubyte", IdxFolderOnDisk.Labels(39), gzip: true);
        AssertOpenFails("has 39 labels and ");
    }

    [Fact]
    public void Open_LabelOutOfRange_SaysWhichAndWhere()
    {
        byte[] labels = IdxFolderOnDisk.Labels(40);
        labels[8 + 5] = 10;
        _folder.WithAll(gzip: false).With("train-labels-idx1-ubyte", labels, gzip: false);
        AssertOpenFails("has the label 10 at place 5, expected 0 to 9");
    }

    [Fact]
    public void Open_ImagesOfOtherSizes_SaysBoth()
    {
        _folder.WithAll(gzip: false).With("t10k-images-idx3-ubyte", [.. IdxFolderOnDisk.Header(20, 3, 2), .. new byte[120]], gzip: false);
        AssertOpenFails("images of 2x3 and ");
    }

    [Fact]
    public void Open_SizesThatCannotBe_AreRefused()
    {
        _folder.WithAll(gzip: false).With("t10k-images-idx3-ubyte", IdxFolderOnDisk.Header(int.MaxValue, int.MaxValue, 2), gzip: false);
        AssertOpenFails("expected 1 or more and images of at most 4096 pixels a side");
    }

    private static IEpisodeDataset Open(IdxFolderOnDisk folder) => IdxDefinition.OfMnist.Open(
        new ClassificationOptions(), new EpisodeShape(2, 1, 1), folder.Location);

    private void AssertOpenFails(string part) => AssertTells(part, Assert.Throws<DataException>(() => Open(_folder)));

    private void AssertTells(string part, DataException error)
    {
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Location, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
