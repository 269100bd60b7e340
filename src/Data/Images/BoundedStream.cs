using MetaMap.Core.Files;

namespace MetaMap.Data.Images;

/// <summary>
/// A stream that nobody can leave at its end: seeking past it stays there. The image decoder skips what a damaged file
/// says is long, and past the end it would look for more without end.
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
