namespace MetaMap.Data.Images.Formats;

/// <summary>
/// PGM and PPM of Netpbm, as text (P2, P3) or as bytes (P5, P6): width, height, the largest value up to 65535, and then the values, which are
/// scaled to 0 to 255. Of several images in a file, the first.
/// </summary>
internal sealed class PnmFormat : ImageFormat
{
    /// <summary>Comments included, a header is shorter.</summary>
    private const int MaxHeaderBytes = 1 << 14;

    /// <inheritdoc />
    public override ImageHeader Header(Stream file)
    {
        byte[] head = new byte[Math.Min(MaxHeaderBytes, file.Length)];
        file.ReadExactly(head);
        PnmReader reader = new(head);
        return new ImageHeader(reader.Components == 3, HasAlpha: false, reader.Height, reader.Width, Orientation.Upright);
    }

    /// <inheritdoc />
    public override void Check(ReadOnlySpan<byte> file) => _ = new PnmReader(file).Values();

    /// <inheritdoc />
    public override Pixels Decode(byte[] file)
    {
        PnmReader reader = new(file);
        return new Pixels(reader.Values(), reader.Components, reader.Height, reader.Width);
    }

    /// <inheritdoc />
    protected override bool Begins(ReadOnlySpan<byte> file) => file.Length > 2 && file[0] == 'P' && file[1] is (byte)'2' or (byte)'3' or (byte)'5' or (byte)'6' && PnmReader.IsSpace(file[2]);
}
