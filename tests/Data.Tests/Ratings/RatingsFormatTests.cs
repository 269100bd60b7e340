using System.IO.Compression;
using System.Text;
using MetaMap.Core;
using MetaMap.Data.Ratings;
using MetaMap.Testing;
using Xunit.Abstractions;

namespace MetaMap.Data.Tests.Ratings;

/// <summary>Ratings in the forms that people have them in.</summary>
public sealed class RatingsFormatTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("userId,movieId,rating,timestamp\n1,10,4.5,30\n1,11,2,20\n")]
    [InlineData("movieId,userId,rating,timestamp\n10,1,4.5,30\n11,1,2,20\n")]
    [InlineData("rating,timestamp,userId,movieId\n4.5,30,1,10\n2,20,1,11\n")]
    [InlineData("userId,movieId,timestamp,rating\n1,10,30,4.5\n1,11,20,2\n")]
    [InlineData("USER_ID;item;Stars;time;more\n1;10;4,5;30;x\n1;11;2,0;20;y\n")]
    [InlineData("1::10::4.5::30\n1::11::2::20\n")]
    [InlineData("1\t10\t4.5\t30\n1\t11\t2\t20\n")]
    [InlineData("1;10;4,5;30\n1;11;2;20\n")]
    [InlineData("\"user\",\"item\",\"rating\",\"date\"\n\"1\",\"10\",\"4.5\",\"2001-02-03\"\n\"1\",\"11\",\"2\",\"2001-02-02 23:59:59\"\n")]
    public void Open_AnyOrderAndSeparator_IsTheSame(string content)
    {
        IRegressionDataset dataset = Open("r.csv", content);
        Assert.Equal([new DatasetClass("1", 2)], dataset.Catalog.Classes.AsEnumerable());
        Assert.Equal((InputShape.Tokens(1, 3), true), (dataset.Catalog.Input, dataset.Catalog.IsOrdered));
        Assert.Equal([(2f, 2f), (1f, 4.5f)], [Example(dataset, 0), Example(dataset, 1)]);
    }

    [Fact]
    public void Open_NoTimeAndRatingInTheMiddle_IsUnordered()
    {
        IRegressionDataset dataset = Open("r.csv", "userId,rating,movieId\n1,0.5,103\n1,4,110\n");
        Assert.False(dataset.Catalog.IsOrdered);
        Assert.Equal([(1f, 0.5f), (2f, 4f)], [Example(dataset, 0), Example(dataset, 1)]);
    }

    [Fact]
    public void Open_GivenColumns_AreTaken()
    {
        const string Content = "n,s,d,user,y,w\n1,7,a,x,5,2\n2,7,b,x,3,1\n";
        RatingsOptions options = new() { UserColumn = "s", ItemColumn = "d", RatingColumn = "y", TimeColumn = "w" };
        IRegressionDataset dataset = Open("r.csv", Content, options);
        Assert.Equal([new DatasetClass("7", 2)], dataset.Catalog.Classes.AsEnumerable());
        Assert.Equal([(2f, 3f), (1f, 5f)], [Example(dataset, 0), Example(dataset, 1)]);
        Assert.NotEqual(dataset.Catalog.Digest, Open("r.csv", Content, options with { TimeColumn = null }).Catalog.Digest);
        Assert.Contains("has no column 'z', only n, s, d, user, y, w: name one of these", Fault("r.csv", Content, options with { ItemColumn = "z" }), StringComparison.Ordinal);
        Assert.Contains("column s of", Fault("r.csv", Content, options with { ItemColumn = "s" }), StringComparison.Ordinal);
        Assert.Contains("is taken for users and items: pass --user-column and --item-column", Fault("r.csv", Content, options with { ItemColumn = "s" }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("n,s,d,y\n1,7,a,5\n", "does not tell which of its columns (n, s, d, y) holds users, items and ratings: pass --user-column, --item-column and --rating-column")]
    [InlineData("userId,movieId,liking\n1,7,5\n", "(userId, movieId, liking) holds ratings: pass --rating-column")]
    [InlineData("1,10,1112486027,4.5\n1,11,1112486028,2\n", "its third looks like times, not ratings: write names of the columns into its first line")]
    [InlineData("user;item;rating\n1;10;4,5\n1;11;2.5\n", "line 2 has '4,5' in column rating, but line 3 has '2.5' in column rating: write all numbers with a point for decimals")]
    [InlineData("user,item,rating\n1,10,\"1,000\"\n", "line 2 has '1,000' in column rating, which may be 1000 or 1.000: write one of these")]
    [InlineData("user,item,rating\n1,10,\"1,000,000\"\n", "expected a finite number: write a point for decimals and nothing between thousands")]
    [InlineData("user,item,rating,date\n1,10,1,May 5\n", "line 2 has 'May 5' in column date, expected a number, or a date such as 2024-01-31T10:00:00Z: correct or remove the line")]
    [InlineData("user,item,rating,date\n1,10,1,\n", "line 2 has nothing in column date, expected a number, or a date such as")]
    [InlineData("user,item,rating,time\n1,10,1,5\n1,11,1,2024-01-31\n", "line 3 has '2024-01-31' in column time, but line 2 has '5': write all times as numbers, or all as dates")]
    [InlineData("user,item,rating,time\n1,10,1,2024-01-31\n1,11,1,20240201\n", "line 3 has '20240201' in column time, but line 2 has '2024-01-31': write all times as numbers, or all as dates")]
    [InlineData("user,userId,item,rating\na,1,10,1\n", "has 2 columns that may hold users (user, userId): pass --user-column")]
    [InlineData("user,ASIN,parent_asin,rating\na,1,10,1\n", "has 2 columns that may hold items (ASIN, parent_asin): pass --item-column")]
    [InlineData("user,item,rating,date,time\na,1,10,1,1\n", "has 2 columns that may hold times (date, time): pass --time-column")]
    public void Open_WhatCannotBeTold_IsAskedForInOneSentence(string content, string part) =>
        Assert.Contains(part, Fault("r.csv", content, new RatingsOptions()), StringComparison.Ordinal);

    [Theory]
    [InlineData("2024-01-31T10:00:00.000Z", "2024-01-31T10:00:00.001Z")]
    [InlineData("2024-01-31T10:00:00+02:00", "2024-01-31T10:00:00+01:00")]
    [InlineData("2024-01-31T10:00:00Z", "2024-01-31T10:00:00-0500")]
    [InlineData("2024-01-31 10:00:00+02", "2024-01-31 08:00:01+00")]
    [InlineData("2024-01-31 10:00:00.123456", "2024-01-31 10:00:00.123457")]
    [InlineData("2024-01-31 10:00:00.000000000", "2024-01-31 10:00:00.000001000")]
    [InlineData("2024-01-31T10:00", "2024-01-31T10:01")]
    [InlineData("2024-01-31", "2024-01-31T00:00:01")]
    [InlineData("1969-12-31", "1970-01-01 00:00:00 ")]
    public void Open_IsoTimes_AreOrdered(string earlier, string later)
    {
        IRegressionDataset dataset = Open("r.csv", $"user,item,rating,time\n1,10,2,{later}\n1,11,1,{earlier}\n");
        Assert.Equal([(2f, 1f), (1f, 2f)], [Example(dataset, 0), Example(dataset, 1)]);
    }

    [Fact]
    public void Open_SameItemAgain_IsKeptAndCounted() => Assert.Equal(
        "2 of 4 ratings are of items that their users have rated before: all are kept, so that an item may be in support and query of one episode",
        Assert.Single(Open("r.csv", "user,item,rating\n1,10,2\n1,10,3\n1,10,3\n2,10,3\n").Catalog.Notices));

    [Fact]
    public void Open_TwoColumnsOfUsers_TakesTheGivenOne() => Assert.Equal(
        [new DatasetClass("7", 1)], Open("r.csv", "user,userId,item,rating\na,7,10,1\n", new RatingsOptions { UserColumn = "userId" }).Catalog.Classes.AsEnumerable());

    [Fact]
    public void Open_NoNames_SaysHowColumnsAreTaken() => Assert.Equal(
        $"{_folder["u.data"]} does not name its columns: they are taken for user, item, rating, time", Assert.Single(Open("u.data", "1\t10\t4\t30\n").Catalog.Notices));

    [Fact]
    public void Open_ColumnsThatNothingReads_AreNamed() => Assert.Equal(
        $"{_folder["r.csv"]}: not read: when, mood", Assert.Single(Open("r.csv", "user,when,item,rating,mood\n1,2024,10,2,x\n2,2024,10,3,y\n").Catalog.Notices));

    [Fact]
    public void Open_MovieLensFolder_FindsItsRatings()
    {
        Directory.CreateDirectory(_folder["ml-latest-small"]);
        File.WriteAllText(_folder["ml-latest-small/ratings.csv"], "userId,movieId,rating,timestamp\n1,10,4.5,30\n");
        File.WriteAllText(_folder["ml-latest-small/movies.csv"], "movieId,title,genres\n10,\"American President, The (1995)\",Comedy|Drama\n");
        File.WriteAllText(_folder["ml-latest-small/links.csv"], "movieId,imdbId,tmdbId\n10,0112346,9087\n");
        File.WriteAllText(_folder["ml-latest-small/tags.csv"], "userId,movieId,tag,timestamp\n1,10,good,30\n");
        File.WriteAllText(_folder["ml-latest-small/README.txt"], "Summary\n=======\n");
        DatasetCatalog catalog = RatingsDataset.Open(_folder.Path, new RatingsOptions()).Catalog;
        Assert.Equal([new DatasetClass("1", 1)], catalog.Classes.AsEnumerable());
        Assert.Equal($"{_folder["ml-latest-small"]}: 4 other entries are not read (README.txt, links.csv, movies.csv, …)", Assert.Single(catalog.Notices));
    }

    [Fact]
    public void Open_OlderMovieLensFolders_FindTheirRatings()
    {
        Directory.CreateDirectory(_folder["100k"]);
        File.WriteAllText(_folder["100k/u.data"], "196\t242\t3\t881250949\n186\t302\t3\t891717742\n");
        File.WriteAllText(_folder["100k/u.item"], "1|Toy Story (1995)|01-Jan-1995||http|0|0\n");
        File.WriteAllText(_folder["100k/u1.base"], "1\t1\t5\t874965758\n");
        Directory.CreateDirectory(_folder["1m"]);
        File.WriteAllText(_folder["1m/ratings.dat"], "1::1193::5::978300760\n1::661::3::978302109\n");
        File.WriteAllText(_folder["1m/users.dat"], "1::F::1::10::48067\n");
        File.WriteAllBytes(_folder["1m/movies.dat"], [.. "1::Mis"u8, 0xE9, .. "rables (1995)::Drama\n"u8]);
        Assert.Equal(2, RatingsDataset.Open(_folder["100k"], new RatingsOptions()).Catalog.Classes.Length);
        Assert.Equal([new DatasetClass("1", 2)], RatingsDataset.Open(_folder["1m"], new RatingsOptions()).Catalog.Classes.AsEnumerable());
    }

    [Fact]
    public void Open_SeveralOrNoFilesOfRatings_AreTold()
    {
        File.WriteAllText(_folder["a.csv"], "user,item,rating\n1,10,4\n");
        File.WriteAllText(_folder["b.csv"], "user,item,rating\n1,10,5\n");
        Assert.Contains("pass one of a.csv, b.csv with --data", Assert.Throws<DataException>(() => RatingsDataset.Open(_folder.Path, new RatingsOptions())).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder["a.csv"], "no\nratings\n");
        File.WriteAllText(_folder["b.csv"], "no\nratings\n");
        Assert.Contains("none of the 2 files in", Assert.Throws<DataException>(() => RatingsDataset.Open(_folder.Path, new RatingsOptions())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_PackedFile_IsTheSameDataset()
    {
        const string Content = "user,item,rating\n1,10,4\n";
        using (GZipStream zip = new(File.Create(_folder["r.csv.gz"]), CompressionLevel.Fastest))
        {
            zip.Write(Encoding.UTF8.GetBytes(Content));
        }

        Assert.Equal(Open("r.csv", Content).Catalog.Digest, RatingsDataset.Open(_folder["r.csv.gz"], new RatingsOptions()).Catalog.Digest);
    }

    [Fact]
    public void Open_InstEval_IsReadAsItIs()
    {
        if (SharedData.Find("ratings", output) is { } folder)
        {
            DatasetCatalog catalog = RatingsDataset.Open(folder, new RatingsOptions { UserColumn = "s", ItemColumn = "d", RatingColumn = "y" }).Catalog;
            Assert.Equal((2972, 73_421, 1128 + 1), (catalog.Classes.Length, catalog.Classes.Sum(item => item.ExampleCount), catalog.Input.Vocabulary));
        }
    }

    private IRegressionDataset Open(string name, string content, RatingsOptions? options = null)
    {
        File.WriteAllText(_folder[name], content);
        return RatingsDataset.Open(_folder[name], options ?? new RatingsOptions());
    }

    private string Fault(string name, string content, RatingsOptions options)
    {
        string message = Assert.Throws<DataException>(() => Open(name, content, options)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private static (float Item, float Rating) Example(IRegressionDataset dataset, int example)
    {
        float[] rating = new float[1];
        dataset.CopyTarget(0, example, rating);
        return (dataset.Image(0, example)[0], rating[0]);
    }
}
