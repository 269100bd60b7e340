using MetaMap.Training.Episodes;

namespace MetaMap.Training.Baselines;

/// <summary>
/// A rating is the mean of all, plus what its item gets more or less, plus what its user gives more or less (Koren 2010, section 2.1). Both
/// are shrunk; the item's comes from the training users, the user's from the support set.
/// </summary>
internal sealed class RatingBiases : IBaseline
{
    private readonly double _mean;
    private readonly Dictionary<float, double> _items;
    private readonly double _userRatio;
    private readonly bool _withUserBias;

    private RatingBiases(double mean, Dictionary<float, double> items, double userRatio, bool withUserBias) =>
        (_mean, _items, _userRatio, _withUserBias) = (mean, items, userRatio, withUserBias);

    /// <summary>Reads the ratings of the training users.</summary>
    public static RatingBiases Fit(TrainingSet training, bool withUserBias)
    {
        (int User, float Item, double Rating)[] ratings = [.. training.Rows(int.MaxValue).Select(row => (row.Class, row.Input[0], (double)row.Values[0]))];
        double mean = ratings.Average(rating => rating.Rating);
        double[][] byItem = [.. ratings.GroupBy(rating => rating.Item, rating => rating.Rating - mean).Select(item => item.ToArray())];
        double itemRatio = Shrinkage.Of(byItem);
        Dictionary<float, double> items = ratings.GroupBy(rating => rating.Item, rating => rating.Rating - mean)
            .ToDictionary(item => item.Key, item => Shrinkage.Offset(item.Sum(), item.Count(), itemRatio));
        double userRatio = Shrinkage.Of(ratings.GroupBy(rating => rating.User, rating => rating.Rating - mean - items[rating.Item]).Select(user => user.ToArray()));
        return new RatingBiases(mean, items, userRatio, withUserBias);
    }

    /// <inheritdoc />
    public double Measure(Episode episode, EpisodeExamples examples)
    {
        double[] residuals = [.. examples.Support.Inputs.Zip(examples.Support.Values, (item, rating) => rating - OfItem(item))];
        double user = _withUserBias ? Shrinkage.Offset(residuals.Sum(), residuals.Length, _userRatio) : 0;
        return SquaredError.Mean(examples.Query.Values, i => OfItem(examples.Query.Inputs[i]) + user);
    }

    private double OfItem(float item) => _mean + _items.GetValueOrDefault(item);
}
