using System.Globalization;
using MetaMap.Core;

namespace MetaMap.Learning.Tests.StandIns;

/// <summary>
/// Ratings with the statistics of MovieLens 100k (Harper and Konstan 2015), in its layout: users, items, ratings from 1 to 5 and times without names; a quarter of the users, the items
/// in proportion. A few items have most of the ratings, and rare ones are liked less; users have at least 20 ratings, a bias, and a taste of a few dimensions.
/// </summary>
internal static class MovieRatings
{
    private const int Users = 240;
    private const int Items = 420;
    private const int LeastRatings = 20;
    private const double NoiseDeviation = 0.9;

    /// <summary>Writes the file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="tasteVariance">What tastes add to the variance of a rating.</param>
    /// <param name="seed">Of everything.</param>
    public static void Write(string path, double tasteVariance, long seed)
    {
        var random = DeterministicRandom.For("movie-ratings", seed);
        const int Dimensions = 3;
        double[] popularity = [.. Enumerable.Range(1, Items).Select(rank => Math.Pow(rank + 10.0, -1.1))];
        double[] quality = Draw(Items, ref random, 0.45);
        double[][] kinds = new double[Items][];
        for (int item = 0; item < Items; item++)
        {
            kinds[item] = Draw(Dimensions, ref random, 1);
        }

        List<string> lines = [];
        for (int user = 0; user < Users; user++)
        {
            double bias = 0.45 * random.NextGaussian();
            double[] taste = Draw(Dimensions, ref random, Math.Sqrt(tasteVariance / Dimensions));
            int count = (int)Math.Min(Items / 3, LeastRatings + Math.Exp(3.6 + (1.0 * random.NextGaussian())));
            HashSet<int> seen = [];
            while (seen.Count < count)
            {
                int item = Chosen(popularity, random.NextDouble());
                if (seen.Add(item))
                {
                    double liked = 3.6 + quality[item] - (0.25 * Math.Log10(1 + item)) + bias + taste.Zip(kinds[item], (a, b) => a * b).Sum() + (NoiseDeviation * random.NextGaussian());
                    lines.Add(string.Create(CultureInfo.InvariantCulture, $"{user + 1}\t{item + 1}\t{Math.Clamp(Math.Round(liked), 1, 5)}\t{880000000 + (1000 * user) + seen.Count}"));
                }
            }
        }

        File.WriteAllLines(path, lines);
    }

    private static double[] Draw(int count, ref DeterministicRandom random, double deviation)
    {
        double[] values = new double[count];
        foreach (ref double value in values.AsSpan())
        {
            value = deviation * random.NextGaussian();
        }

        return values;
    }

    private static int Chosen(double[] weights, double share)
    {
        double left = share * weights.Sum();
        return Math.Min(weights.Length - 1, weights.TakeWhile(weight => (left -= weight) > 0).Count());
    }
}
