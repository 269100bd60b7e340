using MetaMap.Core.Files;

namespace MetaMap.Data.Images.Formats;

/// <summary>Throws where a stream ends, because .NET takes packed data that is cut off for all of it and compares no checksum then.</summary>
/// <param name="inner">Read from; not closed.</param>
internal sealed class StreamWithoutEnd(Stream inner) : ReadOnlyStream
{
    public override long Length => inner.Length;

    protected override long Place
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    /// <exception cref="InvalidDataException">There is nothing left to read.</exception>
    public override int Read(Span<byte> buffer)
    {
        int count = inner.Read(buffer);
        return count > 0 || buffer.Length == 0 ? count : throw new InvalidDataException("it ends early");
    }
}
