using System.Collections.Immutable;
using MetaMap.Cli.Benchmarks;
using MetaMap.Cli.Output;

namespace MetaMap.Cli.Tests.Benchmarks;

public sealed class BenchTurnsTests
{
    [Fact]
    public async Task Take_SeveralWays_MeasuresThemInTurns()
    {
        List<string> order = [];
        BenchWay Way(string name, params double[] rates) => new(name, _ =>
        {
            order.Add(name);
            return Task.FromResult(new BenchRun(rates[order.Count(other => other == name) - 1], 8, "bits"));
        });

        ImmutableArray<BenchResult> results = await BenchTurns.Take("work", [Way("a", 3, 1, 2), Way("b", 5, 5, 4)], 3, new Reporter(json: true));

        Assert.Equal("ababab", string.Concat(order));
        Assert.Equal([("a", 2.0), ("b", 5.0)], results.Select(result => (result.Name, result.Median)));
        Assert.Equal([1.0, 2, 3], [.. results[0].Rates]);
    }
}
