using System.Buffers.Binary;
using CsCheck;

namespace MetaMap.Testing;

/// <summary>Bytes that a stranger might send: noise, and valid ones with a few changes that know where it hurts.</summary>
internal static class HostileBytes
{
    private static readonly Gen<Change> _change = Gen.Select(
        Gen.Int[0, 8], Gen.UInt, Gen.UInt, Extremes.AnyOf(Extremes.Numbers), Gen.Byte.Array[1, 8],
        (kind, at, span, number, bytes) => new Change(kind, at, span, number, bytes));

    /// <summary>Valid inputs as they are (about one in six), changed in one to four places, and noise.</summary>
    public static Gen<byte[]> From(Gen<byte[]> valid) => Gen.Frequency(
        (1, valid),
        (6, Gen.Select(valid, valid, _change.Array[1, 4], (bytes, other, changes) =>
            changes.Aggregate(bytes, (current, change) => change.Apply(current, other)))),
        (1, Gen.Byte.Array[0, 200]));

    /// <summary>One change; positions are taken modulo the length.</summary>
    /// <param name="Kind">Which change.</param>
    /// <param name="At">Where.</param>
    /// <param name="Span">How far.</param>
    /// <param name="Number">An extreme number.</param>
    /// <param name="Bytes">New content.</param>
    private readonly record struct Change(int Kind, uint At, uint Span, long Number, byte[] Bytes)
    {
        public byte[] Apply(byte[] input, byte[] other)
        {
            int at = (int)(At % (uint)(input.Length + 1));
            int end = at + (int)(Span % (uint)(Math.Min(input.Length - at, 64) + 1));
            return Kind switch
            {
                0 => Overwritten(input, at, [(byte)(at < input.Length ? input[at] ^ (1 << (int)(Span % 8)) : 0)]),
                1 => Overwritten(input, at, Bytes[..1]),
                2 => input[..at],
                3 => [.. input[..at], .. Bytes, .. input[at..]],
                4 => [.. input[..at], .. input[end..]],
                5 => Overwritten(input, at, LittleEndian()),
                6 => [.. input[..end], .. input[at..end], .. input[end..]],
                7 => [.. input[..at], .. other[(int)(Span % (uint)(other.Length + 1))..]],
                _ => Numbered(input, at),
            };
        }

        private byte[] LittleEndian()
        {
            byte[] bytes = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, Number);
            return bytes[..(1 << (int)(Span % 4))];
        }

        private static byte[] Overwritten(byte[] input, int at, byte[] bytes)
        {
            byte[] changed = [.. input];
            bytes.AsSpan(0, Math.Min(bytes.Length, input.Length - at)).CopyTo(changed.AsSpan(at));
            return changed;
        }

        /// <summary>The next number that is written in digits, replaced.</summary>
        private byte[] Numbered(byte[] input, int at)
        {
            int begin = Array.FindIndex(input, at, IsDigit);
            if (begin < 0)
            {
                return input;
            }

            int end = Array.FindIndex(input, begin, value => !IsDigit(value));
            return [.. input[..begin], .. System.Text.Encoding.ASCII.GetBytes($"{Number}"), .. input[(end < 0 ? input.Length : end)..]];
        }

        private static bool IsDigit(byte value) => char.IsAsciiDigit((char)value);
    }
}
