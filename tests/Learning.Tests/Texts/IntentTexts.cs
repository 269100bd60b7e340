using MetaMap.Core;

namespace MetaMap.Learning.Tests.Texts;

/// <summary>
/// Drawn texts of intents, as people write to a bank: most words are said by everybody, some often and most seldom; an intent is a few topics, which other intents have, too, in other
/// combinations; and a topic has several words, of which a text has one.
/// </summary>
internal static class IntentTexts
{
    private const int Topics = 60;
    private const int WordsOfTopic = 3;
    private const int CommonWords = 150;
    private const int TopicsOfIntent = 4;

    /// <summary>Words of letters with spaces: so many labels and texts of each as Banking77 has, by a tenth.</summary>
    public static string[] English() => Lines("intents in English", 77, 17, " ", EnglishWord);

    /// <summary>Words of one or two Chinese characters without spaces, 111 labels.</summary>
    public static string[] Chinese() => Lines("intents in Chinese", 111, 20, "", ChineseWord);

    private static string[] Lines(string name, int intents, int textsOfIntent, string separator, Func<int, DeterministicRandom, string> word)
    {
        string[] words = [.. Enumerable.Range(0, CommonWords + (Topics * WordsOfTopic)).Select(i => word(i, DeterministicRandom.For(name + " word", i)))];
        return [.. Enumerable.Range(0, intents).SelectMany(intent => Enumerable.Range(0, textsOfIntent).Select(text =>
        {
            int[] topics = DeterministicRandom.For(name + " topics", intent).Sample(Topics, TopicsOfIntent);
            DeterministicRandom random = DeterministicRandom.For(name, intent, text);
            int length = 6 + random.NextInt(8);
            string[] said = new string[length];
            for (int i = 0; i < length; i++)
            {
                said[i] = words[random.NextDouble() < 0.3
                    ? CommonWords + (topics[random.NextInt(TopicsOfIntent)] * WordsOfTopic) + random.NextInt(WordsOfTopic)
                    : (int)Math.Pow(CommonWords, random.NextDouble()) - 1];
            }

            return $"intent{intent:00}\t{string.Join(separator, said)}";
        }))];
    }

    private static string EnglishWord(int index, DeterministicRandom random)
    {
        char[] letters = new char[2 * (1 + random.NextInt(3)) + (index % 2)];
        for (int i = 0; i < letters.Length; i++)
        {
            string choice = i % 2 == 0 ? "bcdfghklmnprstvw" : "aeiou";
            letters[i] = choice[random.NextInt(choice.Length)];
        }

        return new string(letters);
    }

    private static string ChineseWord(int index, DeterministicRandom random) =>
        string.Concat(Enumerable.Range(0, 1 + (index % 2)).Select(_ => (char)('\u4E00' + random.NextInt(400))));
}
