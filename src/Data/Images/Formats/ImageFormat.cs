namespace MetaMap.Data.Images.Formats;

/// <summary>A format of image files, recognised by its first bytes. Faults of a file are <see cref="InvalidDataException"/>.</summary>
internal abstract class ImageFormat
{
    /// <summary>Every format, as messages name them.</summary>
    public const string Names = "PNG, JPEG, GIF, BMP, WebP, PGM or PPM";

    private static readonly ImageFormat[] _all = [new PngFormat(), new JpegFormat(), new GifFormat(), new BmpFormat(), new WebpFormat(), new PnmFormat()];

    /// <summary>The format of a file; null when it is none of them.</summary>
    /// <param name="file">The file, or its first bytes.</param>
    public static ImageFormat? Of(ReadOnlySpan<byte> file)
    {
        foreach (ImageFormat format in _all)
        {
            if (format.Begins(file))
            {
                return format;
            }
        }

        return null;
    }

    /// <summary>Reads what is known before an image is decoded, from the first bytes of a file.</summary>
    /// <param name="file">At its beginning; can be sought.</param>
    public abstract ImageHeader Header(Stream file);

    /// <summary>Refuses a file in which bytes are missing, or whose checksums do not match: decoders make up what is missing.</summary>
    public abstract void Check(ReadOnlySpan<byte> file);

    /// <summary>Decodes a file that <see cref="Check"/> has passed; of several pictures, the first.</summary>
    public abstract Pixels Decode(byte[] file);

    /// <summary>Whether a file begins as one of this format.</summary>
    protected abstract bool Begins(ReadOnlySpan<byte> file);

    /// <summary>The error of a file that ends early.</summary>
    protected static InvalidDataException CutOff(string missing) => new($"it ends before {missing}");
}

/// <summary>What is known of an image before it is decoded.</summary>
/// <param name="HasColour">Whether its format has colour, even where the image is grey.</param>
/// <param name="HasAlpha">Whether its pixels may be transparent.</param>
/// <param name="Height">Rows as they are stored.</param>
/// <param name="Width">Columns as they are stored.</param>
/// <param name="Orientation">How it is to be turned.</param>
internal sealed record ImageHeader(bool HasColour, bool HasAlpha, int Height, int Width, Orientation Orientation);

/// <summary>A decoded image as it is stored.</summary>
/// <param name="Data">Bytes [height, width, components].</param>
/// <param name="Components">1 grey, 2 grey and alpha, 3 red, green and blue, 4 with alpha.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
internal sealed record Pixels(byte[] Data, int Components, int Height, int Width);
