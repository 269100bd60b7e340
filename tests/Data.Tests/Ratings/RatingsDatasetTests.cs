using MetaMap.Core;
using MetaMap.Data.Ratings;
using MetaMap.Testing;
using MetaMap.Training.Episodes;

namespace MetaMap.Data.Tests.Ratings;

public sealed class RatingsDatasetTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("u,i,r\n")]
    [InlineData("")]
    public void Open_Ratings_AreTasksOfUsers(string header)
    {
        IRegressionDataset dataset = Open(header + "2,b,4.5\n1,a,3\n2,a,-1\n1,c,2\n");
        Assert.Equal([new DatasetClass("1", 2), new DatasetClass("2", 2)], dataset.Catalog.Classes.AsEnumerable());
        Assert.Equal((InputShape.Tokens(1, 4), 1, false), (dataset.Catalog.Input, dataset.Catalog.TargetLength, dataset.Catalog.IsOrdered));
        Assert.Equal([(1f, 3f), (3f, 2f), (2f, 4.5f), (1f, -1f)], [Example(dataset, 0, 0), Example(dataset, 0, 1), Example(dataset, 1, 0), Example(dataset, 1, 1)]);
    }

    [Theory]
    [InlineData(",")]
    [InlineData("\t")]
    public void Open_WithTimes_IsOrderedByTimeThenLine(string separator)
    {
        IRegressionDataset dataset = Open("user,item,rating,time\n1,a,1,30\n1,b,2,10\n1,c,3,30\n1,d,4,20\n".Replace(",", separator, StringComparison.Ordinal));
        Assert.True(dataset.Catalog.IsOrdered);
        Assert.Equal([2f, 4f, 1f, 3f], Enumerable.Range(0, 4).Select(i => Example(dataset, 0, i).Rating));
    }

    [Fact]
    public void Sample_WithTimes_SupportComesBeforeQuery()
    {
        string lines = string.Concat(from user in Enumerable.Range(0, 10) from i in Enumerable.Range(0, 20) select $"{user},{i},{i},{(i * 7) % 20}\n");
        IRegressionDataset dataset = Open(lines, shots: 5, queries: 3);
        EpisodeSampler sampler = new(dataset.Catalog, ClassSplitter.Split(dataset.Catalog, "seeded", 1), new EpisodeShape(1, 5, 3), 1, rotateClasses: false);
        for (int index = 0; index < 50; index++)
        {
            EpisodeClass user = Assert.Single(sampler.Sample(SplitPart.Train, 1, index).Classes);
            Assert.True(user.SupportExamples.Max() < user.QueryExamples.Min());
        }
    }

    [Theory]
    [InlineData("1,a,NaN\n", "line 1 has 'NaN' in column rating, expected a finite number")]
    [InlineData("1,a,3\n1,b,Infinity\n", "line 2 has 'Infinity' in column rating")]
    [InlineData("1,a,3\n1,b,good\n", "line 2 has 'good' in column rating")]
    [InlineData("user,film,stars\n1,a,3\n1,b,\n", "line 3 has nothing in column stars")]
    [InlineData("1,a,3\n1,b,1e39\n", "line 2 has '1e39' in column rating")]
    [InlineData("1,a,3,1\n1,b,4,soon\n", "line 2 has 'soon' in column time")]
    [InlineData("1,a,3\n,b,4\n", "line 2 has nothing in column user")]
    [InlineData("1,a,3\n1, ,4\n", "line 2 has nothing in column item")]
    [InlineData("1,a,3\n1,b\n", "line 2 has 2 fields, expected 3 as in the first line")]
    [InlineData("1,3\n", "has 2 columns, expected user, item, rating, time (at least the first 3)")]
    [InlineData("1,a,3,4,5\n", "has 5 columns, expected user, item, rating, time")]
    [InlineData("user,item,rating\n", "has names of columns but no lines below them")]
    [InlineData("", "is empty")]
    [InlineData("1,a,3\n1,\"b,4\n", "line 2")]
    public void Open_BadTable_NamesLineAndColumn(string content, string part) => AssertFails(part, "", content);

    [Fact]
    public void Open_NotUtf8_NamesTheLine()
    {
        File.WriteAllBytes(_folder["ratings.csv"], [.. "1,a,3\n1,"u8, 0xC3, 0x28, .. ",4\n"u8]);
        Assert.Contains("line 2 is not UTF-8 text", Assert.Throws<DataException>(() => RatingsDataset.Open(_folder["ratings.csv"], new RatingsOptions())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_EmptyFolderOrNothing_IsTold()
    {
        Assert.Contains("file: pass a CSV file", Assert.Throws<DataException>(() => RatingsDataset.Open(_folder.Path, new RatingsOptions())).Message, StringComparison.Ordinal);
        Assert.Contains("does not exist: pass a CSV file", Assert.Throws<DataException>(() => RatingsDataset.Open(_folder["none"], new RatingsOptions())).Message, StringComparison.Ordinal);
    }

    private void AssertFails(string part, string otherPart, string content)
    {
        string message = Assert.Throws<DataException>(() => Open(content)).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.Contains(otherPart, message, StringComparison.Ordinal);
        Assert.Contains(_folder["ratings.csv"], message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private IRegressionDataset Open(string content, int shots = 1, int queries = 1)
    {
        File.WriteAllText(_folder["ratings.csv"], content);
        return (IRegressionDataset)new RatingsDefinition().Open(new RatingsOptions(), new EpisodeShape(1, shots, queries), _folder["ratings.csv"]);
    }

    private static (float Item, float Rating) Example(IRegressionDataset dataset, int user, int example)
    {
        float[] rating = new float[1];
        dataset.CopyTarget(user, example, rating);
        return (dataset.Image(user, example)[0], rating[0]);
    }
}
