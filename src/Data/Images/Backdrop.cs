using System.Globalization;
using MetaMap.Core.Options;
using MetaMap.Data.Images.Formats;

namespace MetaMap.Data.Images;

/// <summary>The colour that shows through where an image is transparent.</summary>
/// <param name="Red">0 to 255.</param>
/// <param name="Green">0 to 255.</param>
/// <param name="Blue">0 to 255.</param>
internal readonly record struct Backdrop(byte Red, byte Green, byte Blue)
{
    /// <summary>Where nothing else is said.</summary>
    public const string White = "white";

    private const string Black = "black";

    /// <summary>What the text of a colour must be.</summary>
    public const string Form = $"{White}, {Black} or #rrggbb";

    /// <summary>Whether it is a grey.</summary>
    public bool IsGrey => Red == Green && Green == Blue;

    /// <summary>Reads <c>white</c>, <c>black</c> or <c>#rrggbb</c>; null for another text.</summary>
    public static Backdrop? Parse(string text) => text switch
    {
        White => new Backdrop(255, 255, 255),
        Black => default(Backdrop),
        ['#', .. { Length: 6 } digits] when int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int colour) =>
            new Backdrop((byte)(colour >> 16), (byte)(colour >> 8), (byte)colour),
        _ => null,
    };

    /// <summary>The colour as #rrggbb.</summary>
    public override string ToString() => $"#{Red:x2}{Green:x2}{Blue:x2}";

    /// <summary>Lays an image over the colour and gives it one channel (grey) or three.</summary>
    /// <param name="image">Grey or in colour; of colours one channel has the brightness (ITU-R BT.601).</param>
    /// <param name="channels">1 or 3.</param>
    /// <returns>Bytes [height, width, channels].</returns>
    public byte[] Under(Pixels image, int channels)
    {
        if (image.Components == channels)
        {
            return image.Data;
        }

        if (channels == 1 && image.Components >= 3)
        {
            return [.. Under(image, 3).Chunk(3).Select(pixel => (byte)((299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2] + 500) / 1000))];
        }

        ReadOnlySpan<byte> below = [Red, Green, Blue];
        bool hasAlpha = image.Components % 2 == 0;
        bool isGrey = image.Components < 3;
        byte[] result = new byte[image.Height * image.Width * channels];
        for (int i = 0; i < image.Height * image.Width; i++)
        {
            ReadOnlySpan<byte> pixel = image.Data.AsSpan(i * image.Components, image.Components);
            int alpha = hasAlpha ? pixel[^1] : 255;
            for (int channel = 0; channel < channels; channel++)
            {
                result[i * channels + channel] = (byte)((pixel[isGrey ? 0 : channel] * alpha + below[channel] * (255 - alpha) + 127) / 255);
            }
        }

        return result;
    }
}

/// <summary>The value is a colour.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ColourAttribute : OptionCheckAttribute
{
    /// <inheritdoc />
    protected override string? MustBe(object value, bool isWhole) => value is string text && Backdrop.Parse(text) is null ? Backdrop.Form : null;
}
