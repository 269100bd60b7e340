using System.Buffers.Binary;
using MetaMap.Core;
using MetaMap.Testing;

namespace MetaMap.Data.Tests.Images;

/// <summary>Each bad input is told in one sentence that names the file.</summary>
public sealed class ImageFolderInputTests : IDisposable
{
    private readonly ImageFolderOnDisk _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_EmptyFolder_IsTold() => AssertOpenFails("holds no class folders");

    [Fact]
    public void Open_EmptyClass_IsTold()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Location, "a"));
        AssertOpenFails("class folder " + Path.Combine(_folder.Location, "a") + " holds no images");
    }

    [Fact]
    public void Open_SomeClassesInTwoParts_IsTold()
    {
        foreach (string path in new[] { "train/a/1.png", "train/b/1.png", "test/a/1.png", "test/c/1.png" })
        {
            _folder.With(path, ImageFolderOnDisk.Grey(4, 1));
        }

        AssertOpenFails("class a of ");
    }

    [Fact]
    public void Open_FolderBesideTheParts_AsksForTheSplit()
    {
        _folder.With("train/a/1.png", ImageFolderOnDisk.Grey(4, 1)).With("extra/a/1.png", ImageFolderOnDisk.Grey(4, 1));
        AssertOpenFails("holds folder extra beside train, which may be a part of classes or a class: give --split official");
    }

    [Fact]
    public void Open_PartsWithoutClassFolders_IsTold()
    {
        _folder.With("train/1.png", ImageFolderOnDisk.Grey(4, 1)).With("test/2.png", ImageFolderOnDisk.Grey(4, 1));
        AssertOpenFails("test holds images but no class folders");
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello, this is text")]
    public void Open_NoImage_NamesTheFile(string content)
    {
        _folder.With("a/1.png", content);
        AssertOpenFails("1.png is no PNG, JPEG, GIF, BMP, WebP, PGM or PPM image that can be read");
    }

    [Fact]
    public void Open_TooManyPixels_SaysBoth()
    {
        byte[] png = ImageFolderOnDisk.Grey(4, 1);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 9000);
        _folder.With("a/1.png", png);
        AssertOpenFails("1.png is 4x9000, expected at most 8192x8192");
    }

    [Fact]
    public void Open_TooManyBytes_SaysBoth()
    {
        _folder.With("a/1.png", "");
        using (FileStream file = File.OpenWrite(Path.Combine(_folder.Location, "a", "1.png")))
        {
            file.SetLength(100_000_001);
        }

        AssertOpenFails("1.png has 100000001 bytes, expected at most 100000000");
    }

    [Theory]
    [InlineData(15)]
    [InlineData(60)]
    [InlineData(150)]
    public void CopyInput_CutOffJpeg_IsToldAndDoesNotHang(int length)
    {
        _folder.With("a/1.jpg", ImageFolderOnDisk.RedJpeg[..length]);
        AssertTells("1.jpg is ", Assert.Throws<DataException>(() => _folder.Open().Image(0, 0)));
    }

    [Fact]
    public void CopyInput_DamagedPng_NamesTheFile()
    {
        _folder.With("a/1.png", PngFile.Of(9, 9, 3, (row, column, _) => row * column)[..60]);
        AssertTells("1.png is cut off or damaged", Assert.Throws<DataException>(() => _folder.Open().Image(0, 0)));
    }

    /// <summary>The decoder would reserve as much memory as the part says that it is long.</summary>
    [Fact]
    public void CopyInput_PngPartLongerThanTheFile_IsTold()
    {
        byte[] png = ImageFolderOnDisk.Grey(9, 1);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(png.AsSpan().IndexOf("IDAT"u8) - 4), 0x280000EE);
        _folder.With("a/1.png", png);
        AssertTells("1.png is cut off or damaged", Assert.Throws<DataException>(() => _folder.Open().Image(0, 0)));
    }

    [Theory]
    [InlineData("filename,label\nnone.jpg,a\n", "train.csv line 2 names ")]
    [InlineData("filename,label\n1.jpg,\n", "train.csv line 2 has no label")]
    [InlineData("file,label\n1.jpg,a\n", "has no column 'filename', only file, label")]
    [InlineData("filename,label\n1.jpg\n", "train.csv line 2 has 1 fields, expected 2")]
    [InlineData("filename,label\n", "has names of columns but no lines below them")]
    [InlineData("", "train.csv is empty")]
    public void Open_BadList_NamesTheLine(string list, string part)
    {
        _folder.With("images/1.jpg", ImageFolderOnDisk.GreyJpeg).With("train.csv", list);
        AssertOpenFails(part);
    }

    [Fact]
    public void Open_ListNamesAMissingClass_IsTold()
    {
        _folder.With("data/a/1.png", ImageFolderOnDisk.Grey(4, 1)).With("splits/bertinetto/train.txt", "a\nb\n");
        AssertOpenFails("train.txt line 2 names ");
    }

    /// <summary>It would be learned from and tested on.</summary>
    [Theory]
    [InlineData("n1.jpg,a\nn2.jpg,a\nn1.jpg,a\n", "", "train.csv line 4 names ", "train.csv line 2 has the image already")]
    [InlineData("n1.jpg,a\n./n1.jpg,b\n", "", "train.csv line 3 names ", "train.csv line 2 has the image already")]
    [InlineData("n2.jpg,a\nn1.jpg,a\n", "n1.jpg,c\n", "test.csv line 2 names ", "train.csv line 3 has the image already")]
    public void Open_ImageNamedTwice_NamesBothLines(string train, string test, string part, string earlier)
    {
        _folder.With("images/n1.jpg", ImageFolderOnDisk.GreyJpeg).With("images/n2.jpg", ImageFolderOnDisk.GreyJpeg).With("train.csv", "filename,label\n" + train);
        if (test.Length > 0)
        {
            _folder.With("test.csv", "filename,label\n" + test);
        }

        AssertOpenFails(part);
        AssertOpenFails(earlier);
        AssertOpenFails("images/n1.jpg");
    }

    [Theory]
    [InlineData("a\nb\na\n", "", "train.txt line 3 names ", "train.txt line 1 has ")]
    [InlineData("a\nb\n", "b\na\n", "test.txt line 1 names ", "train.txt line 2 has ")]
    [InlineData("a\n", "b/\n./a\n", "test.txt line 2 names ", "train.txt line 1 has ")]
    public void Open_ClassInTwoLists_NamesBothLines(string train, string test, string part, string earlier)
    {
        _folder.With("data/a/1.png", ImageFolderOnDisk.Grey(4, 1)).With("data/b/1.png", ImageFolderOnDisk.Grey(4, 1))
            .With("splits/bertinetto/train.txt", train).With("splits/bertinetto/test.txt", test);
        AssertOpenFails(part);
        AssertOpenFails(earlier);
    }

    [Fact]
    public void Open_ListsWithoutClasses_IsTold()
    {
        _folder.With("data/a/1.png", ImageFolderOnDisk.Grey(4, 1)).With("splits/bertinetto/train.txt", "\n");
        AssertOpenFails("bertinetto names no classes: write one name a line into train.txt, val.txt");
    }

    private void AssertOpenFails(string part) => AssertTells(part, Assert.Throws<DataException>(() => _folder.Open()));

    private void AssertTells(string part, DataException error)
    {
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Location, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
