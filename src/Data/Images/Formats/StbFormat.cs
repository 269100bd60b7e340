using StbImageSharp;

namespace MetaMap.Data.Images.Formats;

/// <summary>A format that StbImageSharp decodes: managed code, so every machine reads the same bytes. Of 16 bits it keeps the higher 8.</summary>
internal abstract class StbFormat : ImageFormat
{
    /// <summary>How far into a file Exif data is looked for; cameras put it first.</summary>
    private const int HeadBytes = 1 << 17;

    /// <inheritdoc />
    public override ImageHeader Header(Stream file)
    {
        byte[] head = new byte[Math.Min(HeadBytes, file.Length)];
        file.ReadExactly(head);
        file.Position = 0;
        ImageInfo info = Guard(() => ImageInfo.FromStream(new BoundedStream(file))) ?? throw new InvalidDataException("it has no header");
        return new ImageHeader(
            HasColour: info.ColorComponents is not (ColorComponents.Grey or ColorComponents.GreyAlpha),
            HasAlpha: info.ColorComponents is ColorComponents.GreyAlpha or ColorComponents.RedGreenBlueAlpha,
            info.Height, info.Width, OrientationIn(head));
    }

    /// <inheritdoc />
    public override Pixels Decode(byte[] file)
    {
        using BoundedStream stream = new(new MemoryStream(file));
        ImageResult image = Guard(() => ImageResult.FromStream(stream));
        return new Pixels(image.Data, (int)image.Comp, image.Height, image.Width);
    }

    /// <summary>How an image is to be turned.</summary>
    protected virtual Orientation OrientationIn(ReadOnlySpan<byte> head) => Orientation.Upright;

    /// <summary>Damage makes the decoder throw many kinds of exceptions, even index errors.</summary>
    private static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is InvalidOperationException or IOException or IndexOutOfRangeException or ArgumentException
            or NullReferenceException or OverflowException or NotSupportedException or OutOfMemoryException)
        {
            throw new InvalidDataException(error.Message, error);
        }
    }
}
