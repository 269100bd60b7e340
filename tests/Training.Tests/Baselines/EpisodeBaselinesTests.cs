using System.Globalization;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Testing;
using MetaMap.Training.Baselines;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Tests.Baselines;

public sealed class EpisodeBaselinesTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Measure_Glyphs_GradientsAreBetterThanPixelsAndBothThanChance()
    {
        Dictionary<string, double> means = Means(OptionValues.Of(("queries", 3)).Resolve(), null, 100);
        Assert.InRange(means["gradient-histogram centroid"], 0.7, 0.95);
        Assert.InRange(means["pixel centroid"], 0.4, 0.7);
    }

    [Theory]
    [InlineData("please help with", "card,rate,loan,cash,phone,limit,fraud,branch,salary,travel")]
    [InlineData("请帮我", "银行卡,汇率,贷款,现金,电话,限额,欺诈,分行,工资,旅行")]
    public void Measure_Texts_WordsOfALabelTellIt(string common, string words)
    {
        string[] labels = words.Split(',');
        File.WriteAllLines(_folder["texts.tsv"], labels.SelectMany(word => new[] { $"{common} {word}", $"{word}?", $"{word} {common}", $"{common}{word}!" }.Select(text => $"about {word}\t{text}")));
        Dictionary<string, double> means = Means(
            OptionValues.Of(("dataset", "text"), ("ways", 2), ("shots", 2), ("queries", 2), ("buckets", 1)).Resolve(), _folder["texts.tsv"], 30);
        Assert.Equal(1, means["n-gram TF-IDF centroid"]);
    }

    /// <summary>Ratings with noise of variance 0.04: what is left is that and what ten ratings do not tell of their user.</summary>
    [Fact]
    public void Measure_Ratings_ItemAndUserExplainAllButTheNoise()
    {
        DeterministicRandom random = DeterministicRandom.For("ratings", 1);
        double[] items = [.. Enumerable.Range(0, 30).Select(_ => random.NextGaussian())];
        List<string> lines = ["user,item,rating"];
        for (int user = 0; user < 60; user++)
        {
            double bias = random.NextGaussian();
            lines.AddRange(items.Select((item, i) => string.Create(
                CultureInfo.InvariantCulture, $"u{user},i{i},{3 + item + bias + (0.2 * random.NextGaussian())}")));
        }

        File.WriteAllLines(_folder["ratings.csv"], lines);
        Dictionary<string, double> means = Means(
            OptionValues.Of(("dataset", "ratings"), ("shots", 10), ("queries", 10), ("hidden", "2")).Resolve(), _folder["ratings.csv"], 100);
        Assert.InRange(means["item mean and user bias"], 0.035, 0.06);
        Assert.InRange(means["item mean"], 0.5, 2);
    }

    /// <summary>y = 2 a - b + offset of the task + noise of variance 0.01; one column never changes.</summary>
    [Fact]
    public void Measure_Tables_TheLinearModelWithAnOffsetExplainsAllButTheNoise()
    {
        DeterministicRandom random = DeterministicRandom.For("table", 1);
        List<string> lines = ["school,y,a,b,same"];
        for (int task = 0; task < 40; task++)
        {
            double offset = random.NextGaussian();
            for (int row = 0; row < 30; row++)
            {
                double a = 100 + (10 * random.NextGaussian());
                double b = random.NextGaussian();
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"s{task},{(2 * a) - b + offset + (0.1 * random.NextGaussian())},{a},{b},7"));
            }
        }

        File.WriteAllLines(_folder["table.csv"], lines);
        Dictionary<string, double> means = Means(
            OptionValues.Of(("dataset", "csv"), ("task_column", "school"), ("target_column", "y"), ("shots", 10), ("queries", 10), ("hidden", "2")).Resolve(),
            _folder["table.csv"], 100);
        Assert.InRange(means["linear model and task offset"], 0.009, 0.02);
        Assert.InRange(means["ridge on the support"], 0.009, 0.2);
        Assert.InRange(means["support mean"], 200, 800);
    }

    [Fact]
    public void Measure_LabelsOfATable_TakesTheNearestCentroidWhateverTheUnits()
    {
        DeterministicRandom random = DeterministicRandom.For("labels", 1);
        List<string> lines = ["task,label,a,b"];
        for (int row = 0; row < 600; row++)
        {
            int label = row % 2;
            lines.Add(string.Create(
                CultureInfo.InvariantCulture, $"t{row / 2 % 10},{(label == 0 ? "no" : "yes")},{1e6 * random.NextGaussian()},{label + (0.2 * random.NextGaussian())}"));
        }

        File.WriteAllLines(_folder["labels.csv"], lines);
        Dictionary<string, double> means = Means(
            OptionValues.Of(
                ("dataset", "csv"), ("task_column", "task"), ("target_column", "label"), ("target", "class"), ("ways", 2), ("shots", 5), ("queries", 5), ("hidden", "2")).Resolve(),
            _folder["labels.csv"], 50);
        Assert.InRange(means["centroid of standardised inputs"], 0.85, 1);
    }

    [Fact]
    public void Measure_AnyThread_GivesTheSame()
    {
        RunOptions options = OptionValues.Of(("dataset", "sinusoid"), ("shots", 5), ("queries", 5)).Resolve();
        IEpisodeDataset dataset = options.OpenDataset(null);
        EpisodeBaselines baselines = new(options, dataset);
        var sampler = EpisodeSampler.For(options, dataset.Catalog);
        float[][] together = [.. Enumerable.Range(0, 8).AsParallel().AsOrdered().Select(i => baselines.Measure(sampler.Sample(SplitPart.Test, 0, i)).ToArray())];
        EpisodeBaselines again = new(options, dataset);
        Assert.Equal(together, Enumerable.Range(0, 8).Select(i => again.Measure(sampler.Sample(SplitPart.Test, 0, i)).ToArray()));
    }

    private static Dictionary<string, double> Means(RunOptions options, string? data, int episodes)
    {
        IEpisodeDataset dataset = options.OpenDataset(data);
        EpisodeBaselines baselines = new(options, dataset);
        var sampler = EpisodeSampler.For(options, dataset.Catalog);
        float[][] measures = [.. Enumerable.Range(0, episodes).Select(i => baselines.Measure(sampler.Sample(SplitPart.Test, 0, i)).ToArray())];
        return EpisodeBaselines.NamesFor(options, dataset.Catalog).Select((name, i) => (name, measures.Average(each => each[i]))).ToDictionary(pair => pair.name, pair => (double)pair.Item2);
    }
}
