using MetaMap.Core;
using MetaMap.Data.Files;
using StbImageSharp;

namespace MetaMap.Data.Images;

/// <summary>Reads PNG and JPEG files.</summary>
internal static class ImageReader
{
    /// <summary>Largest side in pixels.</summary>
    public const int MaxSide = 8192;

    /// <summary>Largest file.</summary>
    public const long MaxBytes = 100_000_000;

    /// <summary>The shape of an image, from its first bytes: three channels when its format has colour, even where it is grey.</summary>
    /// <exception cref="DataException">Unreadable, too large, or no image.</exception>
    public static ImageShape Shape(ImageFile file)
    {
        if (file.LengthBytes > MaxBytes)
        {
            throw new DataException($"{file.Path} has {file.LengthBytes} bytes, expected at most {MaxBytes}: make it smaller, or remove it");
        }

        using FileStream stream = DataPath.OpenRead(file.Path);
        ImageInfo info = Guard(file, () => ImageInfo.FromStream(new BoundedStream(stream)))
            ?? throw new DataException($"{file.Path} is no PNG or JPEG image that can be read: fetch it again, or remove it");
        return info.Width is > 0 and <= MaxSide && info.Height is > 0 and <= MaxSide
            ? new ImageShape(info.ColorComponents is ColorComponents.Grey or ColorComponents.GreyAlpha ? 1 : 3, info.Height, info.Width)
            : throw new DataException($"{file.Path} is {info.Height}x{info.Width}, expected at most {MaxSide}x{MaxSide}: make it smaller, or remove it");
    }

    /// <summary>Decodes an image and converts it to a given shape.</summary>
    /// <returns>Bytes [channels, height, width].</returns>
    /// <exception cref="DataException">Unreadable, too large, or no image.</exception>
    public static byte[] Read(ImageFile file, ImageShape shape)
    {
        _ = Shape(file);
        byte[] content = DataPath.ReadAll(file.Path);
        if (!ImageStructure.IsWhole(content))
        {
            throw new DataException($"{file.Path} is cut off or damaged: fetch it again, or remove it");
        }

        using BoundedStream stream = new(new MemoryStream(content));
        ImageResult image = Guard(file, () => ImageResult.FromStream(stream, shape.Channels == 1 ? ColorComponents.Grey : ColorComponents.RedGreenBlue));
        return ImageResize.Resize(image.Data, new ImageShape(shape.Channels, image.Height, image.Width), shape);
    }

    /// <summary>Damage makes the decoder throw many kinds of exceptions, even index errors.</summary>
    private static T Guard<T>(ImageFile file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is InvalidOperationException or IOException or IndexOutOfRangeException or ArgumentException
            or NullReferenceException or OverflowException or NotSupportedException or OutOfMemoryException)
        {
            throw new DataException($"{file.Path} is no PNG or JPEG image that can be read ({error.Message}): fetch it again, or remove it", error);
        }
    }
}
