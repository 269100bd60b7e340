using MetaMap.Core;
using MetaMap.Testing;

namespace MetaMap.Data.Tests.Images.Formats;

/// <summary>GIF files that are whole, and whose codes are a picture or none.</summary>
public sealed class GifFormatTests : IDisposable
{
    private const int Bits = 4;
    private const int Clear = 1 << Bits;
    private const int End = Clear + 1;

    private readonly ImageFolderOnDisk _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Long enough for codes of 12 bits, and for a table that is full.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(17, 5)]
    [InlineData(150, 3)]
    [InlineData(150, 16)]
    public void CopyInput_Codes_AreRead(int side, int colours)
    {
        int[] pixels = [.. Enumerable.Range(0, side * side).Select(i => i * i / 7 % colours)];
        float[] image = _folder.With("a/1.gif", Gif(side, 1 << Bits, Encode(pixels))).Open().Image(0, 0);
        Assert.Equal(pixels.Select(colour => 10 * colour), image[..(side * side)].Select(value => (int)Math.Round(value * 255)));
    }

    [Fact]
    public void CopyInput_TooFewPixels_IsTold() => AssertTold("its codes are for 3 of its 4 pixels", Gif(2, 16, [(Clear, 5), (1, 5), (2, 5), (3, 5), (End, 5)]));

    [Fact]
    public void CopyInput_NoEnd_IsReadWhereThePixelsAreThere()
    {
        float[] image = _folder.With("a/1.gif", Gif(2, 16, [(Clear, 5), (1, 5), (2, 5), (3, 5), (4, 5)])).Open().Image(0, 0);
        Assert.Equal([10, 20, 30, 40], image[..4].Select(value => (int)Math.Round(value * 255)));
    }

    [Fact]
    public void CopyInput_ColourBeyondThePalette_IsTold() =>
        AssertTold("a pixel has colour 2, but its palette has 2", Gif(2, 2, [(Clear, 5), (0, 5), (1, 5), (2, 5), (0, 5), (End, 5)]));

    [Fact]
    public void CopyInput_CodeOfNothing_IsTold() => AssertTold("1.gif is ", Gif(2, 16, [(Clear, 5), (0, 5), (25, 5), (End, 5)]));

    private static List<(int Code, int Bits)> Encode(int[] pixels)
    {
        List<(int, int)> codes = [(Clear, Bits + 1)];
        Dictionary<string, int> known = [];
        (int next, int bits) = (End + 1, Bits + 1);
        string last = "";
        foreach (int pixel in pixels)
        {
            string more = last + (char)pixel;
            if (last.Length == 0 || known.ContainsKey(more))
            {
                last = more;
                continue;
            }

            codes.Add((CodeOf(last), bits));
            if (next == 1 << 12)
            {
                codes.Add((Clear, bits));
                known.Clear();
                (next, bits) = (End + 1, Bits + 1);
            }
            else
            {
                // The decoder knows a string one code later.
                bits += next == 1 << bits ? 1 : 0;
                known[more] = next++;
            }

            last = more[^1..];
        }

        return [.. codes, (CodeOf(last), bits), (End, bits)];

        int CodeOf(string pixelsOfCode) => pixelsOfCode.Length == 1 ? pixelsOfCode[0] : known[pixelsOfCode];
    }

    private static byte[] Gif(int side, int colours, List<(int Code, int Bits)> codes)
    {
        List<byte> packed = [];
        (long held, int count) = (0, 0);
        foreach ((int code, int bits) in codes)
        {
            held |= (long)code << count;
            for (count += bits; count >= 8; count -= 8, held >>= 8)
            {
                packed.Add((byte)held);
            }
        }

        packed.AddRange(count > 0 ? [(byte)held] : (byte[])[]);
        int flags = 0x80 | (int.Log2(colours) - 1);
        return
        [
            .. "GIF89a"u8, (byte)side, 0, (byte)side, 0, (byte)flags, 0, 0,
            .. Enumerable.Range(0, colours).SelectMany(colour => Enumerable.Repeat((byte)(10 * colour), 3)),
            (byte)',', 0, 0, 0, 0, (byte)side, 0, (byte)side, 0, 0, Bits,
            .. packed.Chunk(255).SelectMany(block => block.Prepend((byte)block.Length)), 0, (byte)';',
        ];
    }

    private void AssertTold(string part, byte[] gif)
    {
        string message = Assert.Throws<DataException>(() => _folder.With("a/1.gif", gif).Open().Image(0, 0)).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
    }
}
