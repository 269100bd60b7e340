namespace MetaMap.Core.Options;

/// <summary>Which of some names was meant by a word that is none of them.</summary>
public static class Spelling
{
    private const int LettersPerError = 3;

    /// <summary>A question at the end of a message; empty where no name is like the word.</summary>
    /// <param name="word">What was given.</param>
    /// <param name="names">What could have been.</param>
    public static string Question(string word, IEnumerable<string> names) => Nearest(word, names) is { } name ? $" Did you mean {name}?" : "";

    /// <summary>The name that begins with the word, or has the fewest other letters: one at most for each three of the word; null where there is none.</summary>
    public static string? Nearest(string word, IEnumerable<string> names) => names
        .Select(name => (Name: name, Distance: word.Length >= LettersPerError && name.StartsWith(word, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(word.ToLowerInvariant(), name.ToLowerInvariant())))
        .Where(pair => pair.Distance <= Math.Max(1, word.Length / LettersPerError)).OrderBy(pair => pair.Distance).FirstOrDefault().Name;

    // Damerau (1964) and Levenshtein (1966): letters to add, leave out, replace, or swap with the next.
    private static int Distance(string word, string name)
    {
        int[,] table = new int[word.Length + 1, name.Length + 1];
        for (int i = 0; i <= word.Length; i++)
        {
            for (int j = 0; j <= name.Length; j++)
            {
                table[i, j] = i == 0 || j == 0 ? i + j : Math.Min(
                    Math.Min(table[i - 1, j], table[i, j - 1]) + 1,
                    i > 1 && j > 1 && word[i - 1] == name[j - 2] && word[i - 2] == name[j - 1]
                        ? table[i - 2, j - 2] + (word[i - 1] == name[j - 1] ? 0 : 1) : table[i - 1, j - 1] + (word[i - 1] == name[j - 1] ? 0 : 1));
            }
        }

        return table[word.Length, name.Length];
    }
}
