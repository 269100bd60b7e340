namespace MetaMap.Learning.Models;

/// <summary>
/// The character n-grams of a text, as buckets of a hash: two to four characters; one and two where they are ideographs, kana or Hangul, of which one says as much as several letters.
/// Tokens are bytes or characters plus 1; 0 pads.
/// </summary>
internal static class NGrams
{
    private const int Most = 4;
    private const int MostOfIdeographs = 2;
    private const int Padding = 0;

    // From the first of the CJK radicals, plus 1.
    private const int FirstIdeograph = 0x2E80 + 1;

    /// <summary>The buckets of a text's n-grams, as often as each occurs.</summary>
    /// <param name="tokens">The text; whole numbers.</param>
    /// <param name="buckets">How many there are, 1 or more.</param>
    public static IEnumerable<int> BucketsOf(ReadOnlyMemory<float> tokens, int buckets)
    {
        int length = tokens.Span.IndexOf(Padding);
        length = length < 0 ? tokens.Length : length;
        for (int start = 0; start < length; start++)
        {
            ulong hash = 0;
            bool hasIdeograph = false;
            for (int end = start; end < Math.Min(length, start + Most); end++)
            {
                int token = Lower((int)tokens.Span[end]);
                hasIdeograph |= token >= FirstIdeograph;
                hash = Mix(hash + (ulong)token);
                int characters = end - start + 1;
                if (hasIdeograph ? characters <= MostOfIdeographs : characters > 1 || length == 1)
                {
                    yield return (int)(hash % (ulong)buckets);
                }
            }
        }
    }

    // Of bytes: characters come in lower case.
    private static int Lower(int token) => token is >= 'A' + 1 and <= 'Z' + 1 ? token + ('a' - 'A') : token;

    // The finaliser of SplitMix64, whose every input bit moves every output bit.
    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
