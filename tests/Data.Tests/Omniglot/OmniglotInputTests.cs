using System.IO.Compression;
using MetaMap.Core;
using MetaMap.Data.Omniglot;
using MetaMap.Testing;

namespace MetaMap.Data.Tests.Omniglot;

/// <summary>Each bad input is told in one sentence that names the file.</summary>
public sealed class OmniglotInputTests : IDisposable
{
    private const string Background = "images_background";
    private const string Image = "images_background/Alpha/character01/0001_01.png";

    private readonly OmniglotFolderOnDisk _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_MissingFolder_IsTold()
    {
        string missing = Path.Combine(_folder.Location, "nowhere");

        Assert.Equal(
            $"the Omniglot folder {missing} does not exist: pass the folder that holds images_background.zip and images_evaluation.zip",
            Assert.Throws<DataException>(() => OmniglotDataset.Open(missing)).Message);
    }

    [Fact]
    public void Open_FileForFolder_IsTold()
    {
        _folder.WithFile("data.zip", []);
        AssertOpenFails("is a file", Path.Combine(_folder.Location, "data.zip"));
    }

    [Fact]
    public void Open_EmptyFolder_IsTold() => AssertOpenFails("holds neither images_background nor images_evaluation");

    [Fact]
    public void Open_EmptyHalf_IsTold()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Location, Background));
        AssertOpenFails("images_background holds no images");
    }

    [Fact]
    public void Open_ZipWithoutEntries_IsTold()
    {
        _folder.WithZip(Background, []);
        AssertOpenFails("images_background.zip holds no images");
    }

    [Fact]
    public void Open_FileOfNoBytes_IsTold()
    {
        _folder.WithFile("images_background.zip", []);
        AssertOpenFails("images_background.zip (0 bytes) is not a whole zip archive");
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.99)]
    public void Open_TruncatedZip_IsTold(double fraction)
    {
        _folder.WithZips();
        string zip = Path.Combine(_folder.Location, "images_background.zip");
        byte[] whole = File.ReadAllBytes(zip);
        File.WriteAllBytes(zip, whole[..(int)(fraction * whole.Length)]);

        AssertOpenFails("is not a whole zip archive");
    }

    [Theory]
    [InlineData("images_background/Alpha/0001_01.png")]
    [InlineData("images_background/Alpha/character01/more/0001_01.png")]
    [InlineData("images_background/Alpha/character01/0001_01.jpg")]
    [InlineData("elsewhere/Alpha/character01/0001_01.png")]
    public void Open_OtherLayout_NamesTheFile(string path)
    {
        _folder.WithZip(Background, [(path, OmniglotFolderOnDisk.Images[0].Content)]);
        AssertOpenFails($"holds {path}, expected only images_background/<alphabet>/<character>/<image>.png");
    }

    [Fact]
    public void Open_SameNameTwice_IsTold()
    {
        _folder.WithZip(Background, [OmniglotFolderOnDisk.Images[0], OmniglotFolderOnDisk.Images[0]]);
        AssertOpenFails($"holds {Image} twice");
    }

    [Fact]
    public void CopyInput_NotAPng_NamesTheFile()
    {
        _folder.WithZip(Background, [(Image, "hello"u8.ToArray())]);
        AssertDecodeFails($"{Image} in ");
        AssertDecodeFails("is not a PNG image that can be read");
    }

    [Fact]
    public void CopyInput_TruncatedPng_NamesTheFile()
    {
        _folder.WithZip(Background, [(Image, OmniglotFolderOnDisk.Images[0].Content[..50])]);
        AssertDecodeFails("is not a PNG image that can be read");
    }

    /// <summary>Stored without compression, so that only the checksum of the entry can tell; and the same with the checksum of the image itself.</summary>
    [Theory]
    [InlineData(true, "its checksum does not match")]
    [InlineData(false, "the checksum of its part IDAT does not match")]
    public void CopyInput_OneOtherBit_IsTold(bool inZip, string part)
    {
        byte[] png = [.. OmniglotFolderOnDisk.Images[0].Content];
        byte[] changed = [.. png];
        changed[png.AsSpan().IndexOf("IDAT"u8) + 9] ^= 1;
        if (!inZip)
        {
            _folder.WithFile(Image, changed);
            AssertDecodeFails(part);
            return;
        }

        string zip = Path.Combine(_folder.Location, Background + ".zip");
        using (ZipArchive archive = ZipFile.Open(zip, ZipArchiveMode.Create))
        using (Stream entry = archive.CreateEntry(Image, CompressionLevel.NoCompression).Open())
        {
            entry.Write(png);
        }

        byte[] content = File.ReadAllBytes(zip);
        changed.CopyTo(content, content.AsSpan().IndexOf(png));
        File.WriteAllBytes(zip, content);
        AssertDecodeFails(part);
    }

    [Fact]
    public void Open_OneShotChallenge_SaysThatItIsNoSetOfClasses()
    {
        _folder.WithFile("all_runs/run01/class_labels.txt", []);
        AssertOpenFails("holds all_runs, the one-shot challenge, which has 2 images of a character");
    }

    [Fact]
    public void CopyInput_OtherSize_SaysBoth()
    {
        _folder.WithZip(Background, [(Image, OmniglotFolderOnDisk.Png(28, (_, _) => true))]);
        AssertDecodeFails("is 28x28, expected 105x105");
    }

    [Fact]
    public void CopyInput_FileChangedAfterOpening_IsTold()
    {
        _folder.WithFile(Image, OmniglotFolderOnDisk.Images[0].Content);
        OmniglotDataset dataset = OmniglotDataset.Open(_folder.Location);
        _folder.WithFile(Image, OmniglotFolderOnDisk.Images[1].Content);

        AssertTells("its checksum does not match", Assert.Throws<DataException>(() => dataset.Image(0, 0)));
    }

    [Fact]
    public void CopyInput_FileRemovedAfterOpening_IsTold()
    {
        _folder.WithFile(Image, OmniglotFolderOnDisk.Images[0].Content);
        OmniglotDataset dataset = OmniglotDataset.Open(_folder.Location);
        File.Delete(Path.Combine(_folder.Location, Image));

        AssertTells("lost images while it was open (0 of 1 are left)", Assert.Throws<DataException>(() => dataset.Image(0, 0)));
    }

    private void AssertOpenFails(string part, string? directory = null) =>
        AssertTells(part, Assert.Throws<DataException>(() => OmniglotDataset.Open(directory ?? _folder.Location)));

    private void AssertDecodeFails(string part) =>
        AssertTells(part, Assert.Throws<DataException>(() => OmniglotDataset.Open(_folder.Location).Image(0, 0)));

    private void AssertTells(string part, DataException error)
    {
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Location, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
