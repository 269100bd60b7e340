using System.Text;

namespace MetaMap.Data.Texts;

/// <summary>What a token of a text is. Tokens are numbered from 1; 0 pads.</summary>
internal abstract class TextTokens
{
    /// <summary>Its bytes in UTF-8, each plus 1.</summary>
    public static TextTokens Bytes { get; } = new OfBytes();

    /// <summary>Its code points in lower case, each plus 1.</summary>
    public static TextTokens Characters { get; } = new OfCharacters();

    /// <summary>The name of the kind, and what messages call tokens.</summary>
    public abstract string Name { get; }

    /// <summary>Number of different tokens, padding included.</summary>
    public abstract int Vocabulary { get; }

    /// <summary>The kind with a name.</summary>
    public static TextTokens Of(string name) => name == Characters.Name ? Characters : Bytes;

    /// <summary>Tokens of a text.</summary>
    public abstract int CountOf(ReadOnlySpan<byte> text);

    /// <summary>The bytes that hold the first tokens of a text.</summary>
    public abstract byte[] Cut(byte[] text, int tokens);

    /// <summary>Copies the tokens of a text that fit, and pads.</summary>
    public abstract void Copy(ReadOnlySpan<byte> text, Span<float> destination);

    private sealed class OfBytes : TextTokens
    {
        public override string Name => TextOptions.OfBytes;

        public override int Vocabulary => 257;

        public override int CountOf(ReadOnlySpan<byte> text) => text.Length;

        public override byte[] Cut(byte[] text, int tokens) => text[..Math.Min(tokens, text.Length)];

        public override void Copy(ReadOnlySpan<byte> text, Span<float> destination)
        {
            for (int i = 0; i < destination.Length; i++)
            {
                destination[i] = i < text.Length ? text[i] + 1 : 0;
            }
        }
    }

    private sealed class OfCharacters : TextTokens
    {
        public override string Name => TextOptions.OfCharacters;

        public override int Vocabulary => 0x110000 + 1;

        public override int CountOf(ReadOnlySpan<byte> text) => BytesOf(text, int.MaxValue).Characters;

        public override byte[] Cut(byte[] text, int tokens) => text[..BytesOf(text, tokens).Bytes];

        public override void Copy(ReadOnlySpan<byte> text, Span<float> destination)
        {
            destination.Clear();
            for (int i = 0; i < destination.Length && !text.IsEmpty; i++)
            {
                Rune.DecodeFromUtf8(text, out Rune character, out int bytes);
                destination[i] = Rune.ToLowerInvariant(character).Value + 1;
                text = text[bytes..];
            }
        }

        private static (int Characters, int Bytes) BytesOf(ReadOnlySpan<byte> text, int characters)
        {
            (int count, int end) = (0, 0);
            while (count < characters && end < text.Length)
            {
                Rune.DecodeFromUtf8(text[end..], out _, out int bytes);
                (count, end) = (count + 1, end + bytes);
            }

            return (count, end);
        }
    }
}
