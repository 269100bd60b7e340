using System.Collections.Immutable;
using System.Text;
using MetaMap.Data;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Baselines;

/// <summary>
/// A query has the label whose support texts have the nearest centroid, by the cosine of TF-IDF vectors (Salton and Buckley 1988) of character n-grams: two to
/// four characters, or one and two where a character has more than one and a half bytes on average, as in Chinese.
/// </summary>
internal sealed class TextCentroid : IBaseline
{
    // Enough to tell frequent n-grams from rare ones.
    private const int MostTexts = 20_000;

    private readonly Func<int, int, string> _textOf;
    private readonly Dictionary<string, double> _weights;
    private readonly double _weightOfUnseen;
    private readonly (int Least, int Most) _lengths;
    private readonly Dictionary<string, double>[]? _centroids;

    private TextCentroid(Func<int, int, string> textOf, Dictionary<string, double> weights, double weightOfUnseen, (int Least, int Most) lengths) =>
        (_textOf, _weights, _weightOfUnseen, _lengths) = (textOf, weights, weightOfUnseen, lengths);

    private TextCentroid(TextCentroid words, TrainingSet training)
        : this(words._textOf, words._weights, words._weightOfUnseen, words._lengths)
    {
        ILookup<int, ExampleIndex> examples = Examples(training).ToLookup(one => one.Class);
        _centroids = [.. Enumerable.Range(0, training.Dataset.Catalog.Classes.Length).Select(index => Normalised(Sum(examples[index].Select(one => VectorOf(index, one.Example)))))];
    }

    /// <summary>Finds the centroids of the training texts of each class, for queries without a support set.</summary>
    public static TextCentroid FitClasses(TrainingSet training) => new(Fit(training), training);

    /// <summary>Counts the training texts that each n-gram occurs in.</summary>
    public static TextCentroid Fit(TrainingSet training)
    {
        Func<int, int, string> textOf = training.Dataset is ITextDataset texts ? texts.TextOf : (index, example) => OfTokens(training.Dataset, index, example);
        ImmutableArray<DatasetClass> classes = training.Dataset.Catalog.Classes;
        string[] seen = [.. Examples(training).Select(one => textOf(one.Class, one.Example))];
        // Without training texts one of each label tells the script.
        string[] sample = seen.Length > 0 ? seen : [.. Enumerable.Range(0, Math.Min(MostTexts, classes.Length)).Select(index => textOf(index, 0))];
        (int, int) lengths = sample.Sum(text => (long)Encoding.UTF8.GetByteCount(text)) > 1.5 * sample.Sum(text => (long)text.EnumerateRunes().Count()) ? (1, 2) : (2, 4);
        Dictionary<string, double> occurrences = new(StringComparer.Ordinal);
        foreach (string gram in seen.SelectMany(text => Grams(text, lengths).Distinct()))
        {
            occurrences[gram] = occurrences.GetValueOrDefault(gram) + 1;
        }

        double Weight(double count) => Math.Log((1.0 + seen.Length) / (1 + count)) + 1;
        return new TextCentroid(textOf, occurrences.ToDictionary(gram => gram.Key, gram => Weight(gram.Value), StringComparer.Ordinal), Weight(0), lengths);
    }

    /// <inheritdoc />
    public double Measure(Episode episode, EpisodeExamples examples)
    {
        Dictionary<string, double>[] centroids = _centroids ?? [.. episode.Classes.Select(c => Normalised(Sum(c.SupportExamples.Select(example => VectorOf(c.ClassIndex, example)))))];
        return episode.Classes.SelectMany((c, label) => c.QueryExamples.Select(example =>
        {
            Dictionary<string, double> query = VectorOf(c.ClassIndex, example);
            double[] cosines = [.. centroids.Select(centroid => query.Sum(gram => gram.Value * centroid.GetValueOrDefault(gram.Key)))];
            return Array.IndexOf(cosines, cosines.Max()) == label ? 1.0 : 0.0;
        })).Average();
    }

    private static IEnumerable<ExampleIndex> Examples(TrainingSet training)
    {
        int most = Math.Max(1, MostTexts / Math.Max(1, training.Classes.Length));
        return training.Examples(int.MaxValue).GroupBy(one => one.Class).SelectMany(examples => examples.Take(most));
    }

    // Tokens of an unknown kind stand for characters; 0 pads.
    private static string OfTokens(IEpisodeDataset dataset, int classIndex, int example)
    {
        float[] tokens = new float[dataset.Catalog.Input.Length];
        dataset.CopyInput(classIndex, example, 0, tokens);
        return string.Concat(tokens.Where(token => token > 0).Select(token => new Rune(Math.Min((int)token, 0xD7FF)).ToString()));
    }

    private static IEnumerable<string> Grams(string text, (int Least, int Most) lengths)
    {
        string[] characters = [.. text.ToLowerInvariant().EnumerateRunes().Select(rune => rune.ToString())];
        return Enumerable.Range(lengths.Least, lengths.Most - lengths.Least + 1).SelectMany(length =>
            Enumerable.Range(0, Math.Max(0, characters.Length - length + 1)).Select(start => string.Concat(characters[start..(start + length)])));
    }

    private static Dictionary<string, double> Sum(IEnumerable<Dictionary<string, double>> vectors)
    {
        Dictionary<string, double> sum = new(StringComparer.Ordinal);
        foreach ((string gram, double weight) in vectors.SelectMany(vector => vector))
        {
            sum[gram] = sum.GetValueOrDefault(gram) + weight;
        }

        return sum;
    }

    private static Dictionary<string, double> Normalised(Dictionary<string, double> vector)
    {
        double norm = Math.Sqrt(vector.Values.Sum(weight => weight * weight));
        return norm == 0 ? vector : vector.ToDictionary(gram => gram.Key, gram => gram.Value / norm, StringComparer.Ordinal);
    }

    private Dictionary<string, double> VectorOf(int classIndex, int example) => Normalised(Grams(_textOf(classIndex, example), _lengths)
        .GroupBy(gram => gram, StringComparer.Ordinal)
        .ToDictionary(gram => gram.Key, gram => gram.Count() * _weights.GetValueOrDefault(gram.Key, _weightOfUnseen), StringComparer.Ordinal));
}
