namespace MetaMap.Core.Data.Images;

/// <summary>
/// A stream that nobody can leave at its end: seeking past it stays there. The image decoder skips what a damaged file
/// says is long, and past the end it would look for more without end.
/// </summary>
/// <param name="inner">Read from; not closed.</param>
internal sealed class BoundedStream(Stream inner) : Stream
{
    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanSeek => true;

    /// <inheritdoc />
    public override bool CanWrite => false;

    /// <inheritdoc />
    public override long Length => inner.Length;

    /// <inheritdoc />
    public override long Position
    {
        get => inner.Position;
        set => inner.Position = Math.Clamp(value, 0, inner.Length);
    }

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    /// <inheritdoc />
    public override int Read(Span<byte> buffer) => inner.Read(buffer);

    /// <inheritdoc />
    public override int ReadByte() => inner.ReadByte();

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => Position,
        _ => Length,
    };

    /// <inheritdoc />
    public override void Flush()
    {
    }

    /// <summary>Not supported, as of every stream whose <see cref="CanWrite"/> is false.</summary>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Not supported, as of every stream whose <see cref="CanWrite"/> is false.</summary>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
