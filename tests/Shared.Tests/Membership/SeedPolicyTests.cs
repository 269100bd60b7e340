using MetaMap.Core;
using MetaMap.Shared.Membership;

namespace MetaMap.Shared.Tests.Membership;

public class SeedPolicyTests
{
    private static readonly string[] Seeds = ["a:1", "b:1", "c:1"];

    [Theory]
    [InlineData(null, "a:1 b:1 c:1")]
    [InlineData(0, "b:1 c:1 a:1")] // looks for the others before it begins a cluster of its own
    [InlineData(1, "a:1 b:1 c:1")] // they were not found
    public void Order_OfTheFirstSeed_FitsTheAttempt(int? attempt, string order) =>
        Assert.Equal(order, string.Join(' ', SeedPolicy.Order(Seeds, "a:1", attempt)));

    [Theory]
    [InlineData("b:1", null, "a:1")]
    [InlineData("b:1", 0, "a:1")]
    [InlineData("b:1", 1, "a:1")]
    [InlineData("b:1", 2, "b:1")] // the first of the list may be gone for good
    [InlineData("c:1", 2, "a:1")]
    [InlineData("c:1", 3, "c:1")]
    [InlineData("worker:1", 9, "a:1")]
    public void Order_OfALaterSeed_BeginsInItsTurn(string self, int? attempt, string first) =>
        Assert.Equal(first, SeedPolicy.Order(Seeds, self, attempt)[0]);

    [Fact]
    public void Order_OfOneAlone_IsItself() => Assert.Equal("a:1", Assert.Single(SeedPolicy.Order(["a:1"], "a:1", 0)));

    [Theory]
    [InlineData("b:1 c:1", "a:1", false)] // most of the list stays
    [InlineData("a:1", "b:1 c:1", true)]
    [InlineData("a:1 c:1", "b:1", false)]
    [InlineData("b:1", "a:1 c:1", true)]
    [InlineData("b:1", "a:1", true)]
    [InlineData("a:1", "b:1", false)]
    [InlineData("b:1", "c:1", false)]
    [InlineData("c:1", "b:1", true)]
    [InlineData("a:1", "", false)]
    public void Yields_TwoClusters_OneOfThemDoes(string members, string answering, bool yields) =>
        Assert.Equal(yields, SeedPolicy.Yields(Seeds, members.Split(' '), answering.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    [Fact]
    public async Task Parse_Texts_AreAddressesOrAName()
    {
        Assert.Equal(["a:1", "b:2"], await SeedList.Parse("a:1, b:2").Resolve(default));
        Assert.Equal(["127.0.0.1:4053"], await SeedList.Parse("dns:localhost:4053").Resolve(default));
        Assert.Empty(await SeedList.Parse("dns:no-such-host.invalid:4053").Resolve(default));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a:1,,b:1")]
    [InlineData("a:1,a:1")]
    [InlineData("dns:a")]
    [InlineData("dns:a:1,b:1")]
    public void Parse_NoSeeds_AreRefused(string text) => Assert.Throws<ConfigurationException>(() => SeedList.Parse(text));
}
