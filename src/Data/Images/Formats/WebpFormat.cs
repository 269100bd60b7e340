using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace MetaMap.Data.Images.Formats;

/// <summary>WebP, which SkiaSharp decodes with the reference library libwebp. Of an animation, the first picture.</summary>
internal sealed class WebpFormat : ImageFormat
{
    private const int RiffBytes = 8;

    /// <inheritdoc />
    public override ImageHeader Header(Stream file)
    {
        using SKCodec codec = Open(file);
        return new ImageHeader(HasColour: true, codec.Info.AlphaType != SKAlphaType.Opaque, codec.Info.Height, codec.Info.Width, new Orientation((int)codec.EncodedOrigin));
    }

    /// <inheritdoc />
    public override void Check(ReadOnlySpan<byte> file)
    {
        if (RiffBytes + (long)BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) > file.Length)
        {
            throw CutOff("the end of its image");
        }
    }

    /// <inheritdoc />
    public override Pixels Decode(byte[] file)
    {
        using SKCodec codec = Open(new MemoryStream(file));
        SKImageInfo form = new(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        byte[] data = new byte[form.BytesSize];
        GCHandle pinned = GCHandle.Alloc(data, GCHandleType.Pinned);
        try
        {
            SKCodecResult result = codec.GetPixels(form, pinned.AddrOfPinnedObject());
            return result == SKCodecResult.Success ? new Pixels(data, 4, form.Height, form.Width) : throw new InvalidDataException($"its pixels do not unpack: {result}");
        }
        finally
        {
            pinned.Free();
        }
    }

    /// <inheritdoc />
    protected override bool Begins(ReadOnlySpan<byte> file) => file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8);

    private static SKCodec Open(Stream file) => SKCodec.Create(file, out SKCodecResult result) ?? throw new InvalidDataException($"it has no header: {result}");
}
