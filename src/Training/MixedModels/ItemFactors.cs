using MetaMap.Core;
using MetaMap.Training.Baselines;

namespace MetaMap.Training.MixedModels;

/// <summary>One rating.</summary>
/// <param name="User">From 0.</param>
/// <param name="Item">From 0.</param>
/// <param name="Value">The rating.</param>
internal readonly record struct UserRating(int User, int Item, double Value);

/// <summary>
/// A rating is the mean of all, plus the bias of its item and of its user, plus the taste of the user times the factors of the item, plus noise (Koren 2010,
/// section 2): variational Bayesian matrix factorisation (Lim and Teh 2007), where the variances of biases, factors and noise are learned, so that factors
/// that are not in the ratings vanish, and those of an item with few ratings are small.
/// </summary>
public sealed class ItemFactors
{
    private const int Iterations = 50;
    private const double FirstShare = 0.1;
    // Some seconds of one core.
    private const int MostRatings = 500_000;

    private readonly double _mean;
    private readonly FactorSide _users;
    private readonly FactorSide _items;
    private double _noise;

    private ItemFactors(double mean, double variance, FactorSide users, FactorSide items) =>
        (_mean, _noise, _users, _items) = (mean, variance, users, items);

    /// <summary>Mean of all ratings.</summary>
    public double Mean => _mean;

    /// <summary>Variance of the noise.</summary>
    public double Noise => _noise;

    /// <summary>Variance of the biases of users.</summary>
    public double UserVariance => _users.Variances[0];

    /// <summary>The bias of each item, then its factors, in units in which tastes have variance 1.</summary>
    public IReadOnlyList<double[]> Items => _items.Means;

    /// <summary>Fits the model to the ratings of training users.</summary>
    /// <param name="training">Their ratings; an input is the number of an item.</param>
    /// <param name="rank">Number of factors, 0 or more.</param>
    public static ItemFactors Fit(TrainingSet training, int rank)
    {
        Dictionary<int, int> users = training.Classes.Select((index, place) => (index, place)).ToDictionary();
        return Fit(
            [.. training.Rows(MostRatings).Select(row => new UserRating(users[row.Class], (int)row.Input[0], row.Values[0]))],
            training.Dataset.Catalog.Input.Vocabulary, rank, DeterministicRandom.For("item-factors", training.Options.Seed));
    }

    /// <summary>Fits the model.</summary>
    /// <param name="ratings">At least one.</param>
    /// <param name="items">Number of items; those without ratings get what is expected of any item.</param>
    /// <param name="rank">Number of factors, 0 or more.</param>
    /// <param name="random">First factors.</param>
    internal static ItemFactors Fit(IReadOnlyList<UserRating> ratings, int items, int rank, DeterministicRandom random)
    {
        double mean = ratings.Average(rating => rating.Value);
        double variance = Math.Max(1e-12, ratings.Average(rating => (rating.Value - mean) * (rating.Value - mean)));
        int users = ratings.Max(rating => rating.User) + 1;
        var model = new ItemFactors(
            mean, variance,
            new FactorSide(users, [FirstShare * variance, .. Enumerable.Repeat(1.0, rank)], areFactorsLearned: false),
            new FactorSide(items, [FirstShare * variance, .. Enumerable.Repeat(FirstShare * variance, rank)], areFactorsLearned: true));
        model._items.Scatter(ref random);
        UserRating[][] ofUsers = Grouped(ratings, users, rating => rating.User);
        UserRating[][] ofItems = Grouped(ratings, items, rating => rating.Item);
        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            model._users.Update(ofUsers, model._items, rating => rating.Item, mean, model._noise);
            model._items.Update(ofItems, model._users, rating => rating.User, mean, model._noise);
            model._noise = Math.Max(1e-6 * variance, ratings.Average(model.ExpectedSquare));
        }

        return model;
    }

    private static UserRating[][] Grouped(IReadOnlyList<UserRating> ratings, int count, Func<UserRating, int> key)
    {
        ILookup<int, UserRating> groups = ratings.ToLookup(key);
        return [.. Enumerable.Range(0, count).Select(i => groups[i].ToArray())];
    }

    /// <summary>The expected square of what the model leaves of a rating.</summary>
    private double ExpectedSquare(UserRating rating)
    {
        (double[] user, double[] item) = (_users.Means[rating.User], _items.Means[rating.Item]);
        (double[,] ofUser, double[,] ofItem) = (_users.Covariances[rating.User], _items.Covariances[rating.Item]);
        double rest = rating.Value - _mean - user[0] - item[0];
        double square = 0;
        for (int i = 0; i < user.Length; i++)
        {
            // The bias of the other side has the factor 1.
            (double ofTheItem, double ofTheUser) = i == 0 ? (1, 1) : (item[i], user[i]);
            rest -= i == 0 ? 0 : user[i] * item[i];
            for (int j = 0; j < user.Length; j++)
            {
                square += (ofUser[i, j] * ofTheItem * (j == 0 ? 1 : item[j])) + (ofItem[i, j] * ofTheUser * (j == 0 ? 1 : user[j]))
                    + (i == 0 || j == 0 ? 0 : ofUser[i, j] * ofItem[i, j]);
            }
        }

        return (rest * rest) + square;
    }
}
