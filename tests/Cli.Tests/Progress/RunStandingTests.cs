using MetaMap.Cli.Progress;
using MetaMap.Coordinator.Http;
using MetaMap.Core.Options;
using MetaMap.Training.Configuration;
using Spectre.Console;

namespace MetaMap.Cli.Tests.Progress;

public sealed class RunStandingTests
{
    private static readonly WorkerCount _workers = new(2, 4, 1);

    [Fact]
    public void Line_Training_SaysProgressWhichAccuracyRateTimeLeftAndWorkers() => Assert.Equal(
        "iteration 100/700  loss 0.2500  training accuracy 75.00%  validation accuracy 50.00%  8.0 episodes/s  0:05:00 left  2 workers, 4 lanes, 1 not ready",
        RunStanding.Of(Run("training", "glyphs", 8)).Line(_workers));

    [Theory]
    [InlineData("paused", 8)]
    [InlineData("training", 0)]
    public void Left_NothingIsTrained_IsUnknown(string status, double rate) => Assert.Null(RunStanding.Of(Run(status, "glyphs", rate)).Left);

    [Fact]
    public void Line_NearlyNoRate_IsNoOverflow() => Assert.Contains("months left", RunStanding.Of(Run("training", "glyphs", 1e-300)).Line(_workers), StringComparison.Ordinal);

    [Theory]
    [InlineData(0, 0, 0, "no workers")]
    [InlineData(1, 1, 0, "1 worker, 1 lane")]
    [InlineData(0, 0, 2, "0 workers, 0 lanes, 2 not ready")]
    public void WorkerCount_AsText_CountsThem(int ready, int lanes, int others, string expected) => Assert.Equal(expected, new WorkerCount(ready, lanes, others).ToString());

    [Theory]
    [InlineData(80, true)]
    [InlineData(80, false)]
    [InlineData(300, true)]
    [InlineData(50, true)]
    public void Screen_AnyTerminal_FitsIt(int columns, bool isUnicode)
    {
        using StringWriter written = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(written) });
        console.Profile.Width = columns;
        console.Profile.Capabilities.Unicode = isUnicode;
        console.Write(RunScreen.Of([RunStanding.Of(Run("finished", "glyphs", 0)), RunStanding.Of(Run("training", "glyphs", 8))], _workers, console.Profile));
        string[] lines = written.ToString().TrimEnd().Split('\n');
        Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 1, columns));
        if (columns >= 80)
        {
            Assert.Equal(["a  finished  iteration 100/700", "loss 0.2500  training accuracy 75.00%  validation accuracy 50.00%", "a  training"], lines[..3].Select(line => line.TrimEnd()));
            Assert.EndsWith("  14%  8.0 episodes/s  0:05:00 left", lines[3].TrimEnd(), StringComparison.Ordinal);
        }

        Assert.Contains(isUnicode ? "─" : "#", written.ToString(), StringComparison.Ordinal);
    }

    private static RunBody Run(string status, string dataset, double rate) => new(
        "a", status, 100, 700, 0.25, 0.75, rate, null, System.Collections.Immutable.ImmutableSortedDictionary<string, long>.Empty, null, "", null,
        OptionValues.Of(("dataset", dataset), ("meta_batch", 4), ("block", 1), ("iterations", 700)).Resolve(), ValidationAccuracy: 0.5);
}
