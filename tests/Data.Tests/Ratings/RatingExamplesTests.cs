using MetaMap.Core;
using MetaMap.Data.Ratings;
using MetaMap.Testing;

namespace MetaMap.Data.Tests.Ratings;

public sealed class RatingExamplesTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly RatingExamples _reader = new(new RatingsOptions(), new ModelInputs(default, InputNames.OfItems(["Up", "Godfather, The"]), null));

    public void Dispose() => _folder.Dispose();

    /// <summary>Without quotes its halves would be a user and another title, and the rating one of an unknown item.</summary>
    [Theory]
    [InlineData("Godfather, The,5\n", "line 1 has 'Godfather, The', which the model knows as one item, in two columns: put it in quotes")]
    [InlineData("Up, or down,1\nGodfather, The,5\n", "line 2 has 'Godfather, The', which the model knows as one item, in two columns: put it in quotes")]
    [InlineData("item,rating\nUp,4\nGodfather, The,5\n", "line 3 has 3 fields, expected 2 as in the first line: correct or remove it; a text that holds a comma stands in quotes")]
    public void Read_TitleWithAComma_IsRefusedWithoutQuotes(string content, string reason) => Assert.Equal(
        $"{_folder["own.csv"]} {reason}", Assert.Throws<DataException>(() => Read(content)).Message);

    [Fact]
    public void Read_TitleInQuotes_IsKnown()
    {
        Assert.Equal([2f, 1f], Read("item,rating\n\"Godfather, The\",5\nUp,4\n").Examples.Select(example => example.Input[0]));
        Assert.Equal([1f], Read("u,Up,4\n").Examples.Select(example => example.Input[0]));
    }

    private GivenExamples Read(string content)
    {
        File.WriteAllText(_folder["own.csv"], content);
        return _reader.Read(_folder["own.csv"]);
    }
}
