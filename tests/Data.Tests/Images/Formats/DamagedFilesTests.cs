using System.Buffers.Binary;
using MetaMap.Core;
using MetaMap.Testing;

namespace MetaMap.Data.Tests.Images.Formats;

/// <summary>Whatever is missing in a file, or changed where it has checksums, is told with its path.</summary>
public sealed class DamagedFilesTests : IDisposable
{
    private readonly ImageFolderOnDisk _folder = new();

    public static TheoryData<string> Names => [.. SampleFiles.All.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void CopyInput_Whole_IsRead(string name)
    {
        Assert.Contains(_folder.With("a/" + name, SampleFiles.All[name]).Open().Image(0, 0), value => value > 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void CopyInput_CutOffAnywhere_IsTold(string name)
    {
        byte[] whole = SampleFiles.All[name];
        int step = Math.Max(1, whole.Length / 40);
        for (int length = whole.Length - (name == "1.pgm" ? 2 : 1); length >= 0; length -= step)
        {
            AssertTold(name, whole[..length], $"of {length} bytes");
        }
    }

    [Fact]
    public void CopyInput_AnyChangedBitOfAPng_IsTold()
    {
        byte[] whole = PngFile.Of(3, 5, 3, (row, column, channel) => 50 * row + column + channel);
        for (int bit = 64; bit < 8 * whole.Length; bit += 5)
        {
            byte[] changed = [.. whole];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertTold("1.png", changed, $"with bit {bit} changed");
        }
    }

    [Fact]
    public void CopyInput_PngPixelsWithOtherChecksum_IsToldEvenWhereTheChunkIsWhole()
    {
        byte[] png = PngFile.Of(3, 5, 3, (row, column, channel) => 50 * row + column + channel);
        int start = png.AsSpan().IndexOf("IDAT"u8) - 4;
        int length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(start)) + 12;
        png[start + length - 5] ^= 1;
        PngFile.Summed(png[start..(start + length)]).CopyTo(png, start);
        AssertTold("1.png", png, "cut off or damaged (its pixels do not unpack, or their checksum does not match)");
    }

    [Fact]
    public void CopyInput_JpegWithAWholePreview_IsToldWhenItIsCutOff()
    {
        byte[] whole = SampleFiles.Jpeg();
        byte[] withPreview = [.. whole[..2], .. SampleFiles.Segment([.. "preview"u8, .. whole]), .. whole[2..]];
        AssertTold("1.jpg", withPreview[..^40], "is cut off or damaged (it ends before the end of its image)");
    }

    [Theory]
    [InlineData("P5 2 2 70000\n", "its largest value is 70000, expected 1 to 65535")]
    [InlineData("P2 2 1 9\n5 10", "it has the value 10, expected at most 9")]
    [InlineData("P2 2 1 9\n5 x", "it has something else where a number is expected")]
    [InlineData("P2 2 2 9\n5 6 7", "it ends before its last value")]
    [InlineData("P5 0 2 9\n", "is 2x0, expected at most")]
    public void CopyInput_OtherPgm_SaysWhy(string content, string part) => AssertTold("1.pgm", System.Text.Encoding.ASCII.GetBytes(content), part);

    private static void AssertTold(string name, byte[] content, string part)
    {
        using ImageFolderOnDisk folder = new();
        folder.With("a/" + name, content);
        DataException? error = Record.Exception(() => folder.Open().Image(0, 0)) as DataException;
        Assert.True(error is not null, $"{name} {part} is read");
        Assert.Contains(Path.Combine(folder.Location, "a", name), error.Message, StringComparison.Ordinal);
        if (!part.StartsWith("of ", StringComparison.Ordinal) && !part.StartsWith("with ", StringComparison.Ordinal))
        {
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        }
    }
}
