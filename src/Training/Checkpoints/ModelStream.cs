using MetaMap.Core.Files;
using MetaMap.Core.Parameters;

namespace MetaMap.Training.Checkpoints;

/// <summary>Reads a model file that is not assembled in memory: its header, then the parameters in place.</summary>
/// <param name="head">Everything before the data.</param>
/// <param name="parameters">The data.</param>
internal sealed class ModelStream(byte[] head, ParameterVector parameters) : ReadOnlyStream
{
    private long _place;

    public override long Length => head.Length + (long)parameters.Bytes.Length;

    protected override long Place
    {
        get => _place;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _place = value;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        ReadOnlySpan<byte> rest = _place < head.Length
            ? head.AsSpan((int)_place) : parameters.Bytes[(int)Math.Min(_place - head.Length, parameters.Bytes.Length)..];
        int count = Math.Min(buffer.Length, rest.Length);
        rest[..count].CopyTo(buffer);
        _place += count;
        return count;
    }
}
