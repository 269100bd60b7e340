using MetaMap.Core;
using MetaMap.Data.Files;
using MetaMap.Data.Images.Formats;

namespace MetaMap.Data.Images;

/// <summary>Reads image files as people see them: turned upright, and laid over a colour where they are transparent.</summary>
/// <param name="backdrop">The colour.</param>
internal sealed class ImageReader(Backdrop backdrop)
{
    /// <summary>Largest side in pixels.</summary>
    public const int MaxSide = 8192;

    /// <summary>Enough to recognise a format.</summary>
    private const int SignatureBytes = 18;

    /// <summary>The shape of an image, from its first bytes: three channels when its format has colour, even where it is grey.</summary>
    /// <exception cref="DataException">Unreadable, too large, or no image.</exception>
    public ImageShape Shape(ImageFile file)
    {
        using FileStream stream = DataPath.OpenRead(file.Path);
        return Shape(file.Path, Header(file.Path, stream).Header);
    }

    /// <summary>Decodes an image and converts it to a given shape.</summary>
    /// <returns>Bytes [channels, height, width].</returns>
    /// <exception cref="DataException">Unreadable, too large, damaged, or no image.</exception>
    public byte[] Read(ImageFile file, ImageShape shape) => Read(file.Path, DataPath.ReadAll(file.Path), shape);

    /// <summary>The same, of the content of a file.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="content">The whole file.</param>
    /// <param name="shape">The shape to convert it to.</param>
    /// <exception cref="DataException">Too large, damaged, or no image.</exception>
    public byte[] Read(string name, byte[] content, ImageShape shape)
    {
        (ImageFormat format, ImageHeader header) = Header(name, new MemoryStream(content));
        _ = Shape(name, header);
        Told(name, "is cut off or damaged", () => Check(format, content));
        Pixels image = header.Orientation.Turn(Told(name, $"is no {ImageFormat.Names} image that can be read", () => format.Decode(content)));
        return ImageResize.Resize(backdrop.Under(image, shape.Channels), new ImageShape(shape.Channels, image.Height, image.Width), shape);
    }

    private static bool Check(ImageFormat format, byte[] content)
    {
        format.Check(content);
        return true;
    }

    private static (ImageFormat Format, ImageHeader Header) Header(string name, Stream content)
    {
        byte[] signature = new byte[SignatureBytes];
        int length = content.ReadAtLeast(signature, SignatureBytes, throwOnEndOfStream: false);
        content.Position = 0;
        ImageFormat format = ImageFormat.Of(signature.AsSpan(0, length))
            ?? throw new DataException($"{name} is no {ImageFormat.Names} image that can be read: fetch it again, or remove it");
        return (format, Told(name, $"is no {ImageFormat.Names} image that can be read", () => format.Header(content)));
    }

    private ImageShape Shape(string name, ImageHeader header)
    {
        (int height, int width) = header.Orientation.SwapsSides ? (header.Width, header.Height) : (header.Height, header.Width);
        return width is > 0 and <= MaxSide && height is > 0 and <= MaxSide
            ? new ImageShape(header.HasColour || header.HasAlpha && !backdrop.IsGrey ? 3 : 1, height, width)
            : throw new DataException($"{name} is {height}x{width}, expected at most {MaxSide}x{MaxSide}: make it smaller, or remove it");
    }

    private static T Told<T>(string name, string fault, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw new DataException($"{name} {fault} ({error.Message}): fetch it again, or remove it", error);
        }
    }
}
