using System.Buffers.Binary;
using System.IO.Compression;
using MetaMap.Core;
using MetaMap.Testing;

namespace MetaMap.Data.Tests.Images.Formats;

/// <summary>PNG files whose checksums all match, but which are no image.</summary>
public sealed class PngFormatTests : IDisposable
{
    private const int Grey = 0;
    private const int Indexed = 3;

    private readonly ImageFolderOnDisk _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(8, new byte[] { 0, 0, 1, 0, 2, 0 }, new[] { 10, 20, 30, 10 })]
    [InlineData(4, new byte[] { 0, 0x01, 0, 0x20 }, new[] { 10, 20, 30, 10 })]
    [InlineData(2, new byte[] { 0, 0x1F, 0, 0x80 }, new[] { 10, 20, 30, 10 })] // What pads a row is no pixel.
    [InlineData(8, new byte[] { 1, 1, 1, 4, 1, 0xFF }, new[] { 20, 30, 30, 20 })] // Sub, then Paeth.
    [InlineData(8, new byte[] { 2, 1, 2, 3, 1, 0xFF }, new[] { 20, 30, 20, 10 })] // Up, then Average.
    public void CopyInput_Palette_ShowsItsColours(int depth, byte[] rows, int[] expected) => AssertShows(expected, Png(2, 2, depth, Indexed, rows, Palette(10, 20, 30)));

    [Fact]
    public void CopyInput_Interlaced_IsRead() =>
        AssertShows([10, 20, 30, 20], Png(2, 2, 8, Indexed, [0, 0, 0, 1, 0, 2, 1], Palette(10, 20, 30), isInterlaced: true));

    /// <summary>As browsers do.</summary>
    [Fact]
    public void CopyInput_SomethingAfterTheEnd_IsIgnored() => AssertShows([5, 6], [.. Png(1, 2, 8, Grey, [0, 5, 0, 6], []), .. "junk"u8]);

    /// <summary>Encoders leave it there, and browsers ignore it.</summary>
    [Fact]
    public void CopyInput_SomeBytesBehindTheLastRow_AreIgnored() => AssertShows([5, 6], Png(1, 2, 8, Grey, [0, 5, 0, 6, 1, 2, 3], []));

    [Theory]
    [InlineData(8, new byte[] { 0, 0, 1, 0, 3, 0 })]
    [InlineData(4, new byte[] { 0, 0x01, 0, 0x30 })]
    [InlineData(8, new byte[] { 1, 1, 1, 2, 0, 1 })] // Up.
    [InlineData(8, new byte[] { 1, 1, 1, 3, 1, 2 })] // Average.
    [InlineData(8, new byte[] { 1, 1, 1, 4, 2, 0 })] // Paeth.
    public void CopyInput_IndexBeyondThePalette_IsTold(int depth, byte[] rows) => AssertTold(Png(2, 2, depth, Indexed, rows, Palette(10, 20, 30)), "a pixel has colour 3, but its palette has 3");

    [Fact]
    public void CopyInput_NoPalette_IsTold() => AssertTold(Png(2, 2, 8, Indexed, [0, 0, 1, 0, 2, 0], []), "");

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(771)]
    public void CopyInput_PaletteOfAnotherLength_IsTold(int length) =>
        AssertTold(Png(2, 2, 8, Indexed, [0, 0, 1, 0, 0, 0], PngFile.Chunk("PLTE"u8, new byte[length])), "");

    [Theory]
    [InlineData(0, 4)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(4, 2)]
    public void CopyInput_TransparencyOfAnotherLength_IsTold(int colour, int length) =>
        AssertTold(Png(1, 1, 8, colour, [0, 1, 1, 1, 1], [.. Palette(1, 2), .. PngFile.Chunk("tRNS"u8, new byte[length])]), "");

    [Theory]
    [InlineData(12)]
    [InlineData(14)]
    public void CopyInput_HeaderOfAnotherLength_IsTold(int length)
    {
        byte[] whole = Png(1, 2, 8, Grey, [0, 5, 0, 6], []);
        byte[] header = new byte[length];
        whole.AsSpan(16, Math.Min(13, length)).CopyTo(header);
        AssertTold([.. PngFile.Signature, .. PngFile.Chunk("IHDR"u8, header), .. whole[33..]], "");
    }

    [Theory]
    [InlineData(new byte[] { 0, 5, 0 })]
    [InlineData(new byte[] { 0, 5 })]
    public void CopyInput_TooFewPixels_IsTold(byte[] rows) => AssertTold(Png(1, 2, 8, Grey, rows, []), "its pixels unpack to less than its 2 rows of 1");

    /// <summary>A few kilobytes that unpack to gigabytes.</summary>
    [Fact]
    public void CopyInput_FarTooManyPixels_IsToldBeforeTheyAreUnpacked()
    {
        byte[] bomb = Png(1, 2, 8, Grey, new byte[300_000_000], []);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertTold(bomb, "its pixels unpack to far more than its 2 rows of 1");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000_000);
    }

    private static byte[] Palette(params int[] greys) => PngFile.Chunk("PLTE"u8, [.. greys.SelectMany(grey => Enumerable.Repeat((byte)grey, 3))]);

    private static byte[] Png(int width, int height, int depth, int colour, byte[] rows, byte[] before, bool isInterlaced = false)
    {
        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(rows);
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)colour, (byte)(isInterlaced ? 1 : 0));
        return [.. PngFile.Signature, .. PngFile.Chunk("IHDR"u8, header), .. before, .. PngFile.Chunk("IDAT"u8, packed.ToArray()), .. PngFile.Chunk("IEND"u8, [])];
    }

    private void AssertShows(int[] expected, byte[] png)
    {
        float[] image = _folder.With("a/1.png", png).Open().Image(0, 0);
        Assert.Equal(expected, image[..expected.Length].Select(value => (int)Math.Round(value * 255)));
    }

    private void AssertTold(byte[] png, string part)
    {
        string message = Assert.Throws<DataException>(() => _folder.With("a/1.png", png).Open().Image(0, 0)).Message;
        Assert.Contains("1.png is ", message, StringComparison.Ordinal);
        Assert.Contains(part, message, StringComparison.Ordinal);
    }
}
