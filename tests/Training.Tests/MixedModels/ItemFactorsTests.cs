using MetaMap.Core;
using MetaMap.Training.MixedModels;

namespace MetaMap.Training.Tests.MixedModels;

public sealed class ItemFactorsTests
{
    private const int Users = 150;
    private const int Items = 40;

    [Fact]
    public void Fit_OneTaste_FindsItAndNoOther()
    {
        ItemFactors found = Fit(tasteDeviation: 1);
        double[] variances = [.. Enumerable.Range(1, 3).Select(factor => found.Items.Average(item => item[factor] * item[factor])).OrderDescending()];
        Assert.InRange(variances[0], 0.6, 1.6);
        Assert.InRange(variances[1], 0, 0.05);
        Assert.InRange(found.Noise, 0.2, 0.3);
        Assert.InRange(found.UserVariance, 0.15, 0.4);
    }

    [Fact]
    public void Fit_NoTaste_LeavesBiases()
    {
        ItemFactors found = Fit(tasteDeviation: 0);
        Assert.All(found.Items, item => Assert.All(item[1..], factor => Assert.InRange(factor, -0.05, 0.05)));
        Assert.InRange(found.Items.Average(item => item[0] * item[0]), 0.4, 1.6);
        Assert.InRange(found.Noise, 0.22, 0.28);
    }

    /// <summary>An item without ratings gets what its number of ratings lets expect; one rating moves it little.</summary>
    [Fact]
    public void Fit_RareItem_IsNearWhatIsExpectedOfIt()
    {
        List<UserRating> ratings = Ratings(0);
        ratings.Add(new UserRating(0, Items, 100));
        ItemFactors found = ItemFactors.Fit(ratings, Items + 2, 1, DeterministicRandom.For("first"));
        Assert.True(Math.Abs(found.Items[Items + 1][0]) < 20 && found.Items[Items][0] < 90, $"{found.Items[Items][0]}, {found.Items[Items + 1][0]}");
        Assert.All(found.Items.SelectMany(item => item), value => Assert.True(double.IsFinite(value)));
    }

    [Fact]
    public void Fit_EqualRatings_IsTheirValue()
    {
        ItemFactors found = ItemFactors.Fit([.. Enumerable.Range(0, 20).Select(i => new UserRating(i / 4, i % 4, 3))], 4, 2, DeterministicRandom.For("first"));
        Assert.Equal(3, found.Mean);
        Assert.All(found.Items, item => Assert.InRange(item[0], -1e-3, 1e-3));
    }

    private static ItemFactors Fit(double tasteDeviation) => ItemFactors.Fit(Ratings(tasteDeviation), Items, 3, DeterministicRandom.For("first"));

    private static List<UserRating> Ratings(double tasteDeviation)
    {
        var random = DeterministicRandom.For("ratings", 1);
        (double Bias, double Factor)[] items = new (double, double)[Items];
        for (int item = 0; item < Items; item++)
        {
            items[item] = (random.NextGaussian(), random.NextGaussian());
        }

        List<UserRating> ratings = [];
        for (int user = 0; user < Users; user++)
        {
            (double bias, double taste) = (0.5 * random.NextGaussian(), tasteDeviation * random.NextGaussian());
            foreach (int item in random.Sample(Items, 20))
            {
                ratings.Add(new UserRating(user, item, 3 + items[item].Bias + bias + (taste * items[item].Factor) + (0.5 * random.NextGaussian())));
            }
        }

        return ratings;
    }
}
