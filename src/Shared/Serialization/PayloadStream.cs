using System.Runtime.Serialization;

namespace MetaMap.Shared.Serialization;

/// <summary>
/// A payload that refuses to announce more than it holds. Hyperion allocates a text's announced length before it reads
/// the text; a long text is announced by the byte 255 and four bytes of length, so these are checked here first.
/// </summary>
internal sealed class PayloadStream(byte[] payload) : MemoryStream(payload, writable: false)
{
    private const int LongTextMark = 255;
    private bool _lengthFollows;

    /// <summary>Bytes not read yet.</summary>
    public int RemainingBytes => (int)(Length - Position);

    public override int ReadByte()
    {
        int value = base.ReadByte();
        _lengthFollows = value == LongTextMark;
        return value >= 0 ? value : throw Truncated();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        int read = base.Read(buffer, offset, count);
        if (_lengthFollows && count == sizeof(int))
        {
            CheckLength(BitConverter.ToInt32(buffer, offset));
        }

        _lengthFollows = false;
        return read == count ? read : throw Truncated();
    }

    /// <summary>Refuses an announced number of items, each of at least one byte, for which too few bytes follow.</summary>
    public void CheckLength(int announced)
    {
        if (announced < 0 || announced > RemainingBytes)
        {
            throw new SerializationException($"a length of {announced} is announced, but {RemainingBytes} bytes follow");
        }
    }

    private static SerializationException Truncated() => new("the payload ends too early");
}
