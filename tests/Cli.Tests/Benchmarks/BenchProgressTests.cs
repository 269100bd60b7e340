using MetaMap.Cli.Benchmarks;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests.Benchmarks;

public sealed class BenchProgressTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Left_TwoWaysInTurns_IsWhatTheyTookLast()
    {
        BenchProgress progress = new("work A", ["short", "long"], 3, _time);
        progress.Begin(0);
        Assert.Null(progress.Left);
        Take(progress, 0, 10);
        progress.Begin(1);
        // Five measurements, of which nobody knows more than the first.
        Assert.Equal(TimeSpan.FromSeconds(50), progress.Left);
        Take(progress, 1, 30);
        progress.Begin(2);
        Assert.Equal(TimeSpan.FromSeconds(10 + 30 + 10 + 30), progress.Left);
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(TimeSpan.FromSeconds(76), progress.Left);
        // One that takes longer than before does not count what is not there.
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(TimeSpan.FromSeconds(70), progress.Left);
        Assert.Equal("work A, 2 of 3, short", progress.Title);
    }

    [Fact]
    public void Left_TimeIsExpected_IsKnownFromTheBeginning() =>
        Assert.Equal(TimeSpan.FromSeconds(72), new BenchProgress("work A", ["a", "b"], 3, _time, TimeSpan.FromSeconds(12)).Left);

    [Fact]
    public void Standing_Iterations_GivesTheirRateSinceTheFirst()
    {
        BenchProgress progress = new("work A", ["a"], 1, _time);
        progress.Begin(0);
        _time.Advance(TimeSpan.FromSeconds(100));
        progress.Committed(1, 4);
        Assert.Equal("iteration 1", progress.Standing);
        _time.Advance(TimeSpan.FromSeconds(2));
        progress.Committed(6, 4);
        progress.Began(() => new(2, 2, 0));
        Assert.Equal("iteration 6  10.0 episodes/s  2 workers, 2 lanes", progress.Standing);
    }

    private void Take(BenchProgress progress, int number, int seconds)
    {
        progress.Begin(number);
        _time.Advance(TimeSpan.FromSeconds(seconds));
        progress.End();
    }
}
