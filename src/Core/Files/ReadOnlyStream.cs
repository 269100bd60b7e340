namespace MetaMap.Core.Files;

/// <summary>Base class of read-only streams. Writing throws, as .NET requires where <see cref="CanWrite"/> is false.</summary>
public abstract class ReadOnlyStream : Stream
{
    /// <inheritdoc />
    public sealed override bool CanRead => true;

    /// <inheritdoc />
    public sealed override bool CanSeek => true;

    /// <inheritdoc />
    public sealed override bool CanWrite => false;

    /// <inheritdoc />
    public sealed override long Position
    {
        get => Place;
        set => Seek(value, SeekOrigin.Begin);
    }

    /// <summary>Where the next byte is read, 0 or more.</summary>
    protected abstract long Place { get; set; }

    /// <inheritdoc />
    public sealed override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc />
    public abstract override int Read(Span<byte> buffer);

    /// <inheritdoc />
    public sealed override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    /// <inheritdoc />
    public sealed override long Seek(long offset, SeekOrigin origin) => Place = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => Place,
        _ => Length,
    };

    /// <inheritdoc />
    public sealed override void Flush()
    {
    }

    /// <inheritdoc />
    public sealed override void SetLength(long value) => throw new NotSupportedException("The stream is read-only.");

    /// <inheritdoc />
    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("The stream is read-only.");
}
