using MetaMap.Core.Files;

namespace MetaMap.Data.Images.Formats;

/// <summary>
/// A stream that cannot be sought past its end: the position stays there. The image decoder skips as many bytes as a damaged
/// file claims, and past the end it would look for more forever.
/// </summary>
/// <param name="inner">Read from; not closed.</param>
internal sealed class BoundedStream(Stream inner) : ReadOnlyStream
{
    public override long Length => inner.Length;

    protected override long Place
    {
        get => inner.Position;
        set => inner.Position = Math.Clamp(value, 0, inner.Length);
    }

    public override int Read(Span<byte> buffer) => inner.Read(buffer);

    public override int ReadByte() => inner.ReadByte();
}
