using System.Diagnostics;
using System.Globalization;
using MetaMap.Cli.Output;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using Spectre.Console;

namespace MetaMap.Cli.Training;

/// <summary>Shows a run while it trains: as a live table on a terminal, as plain lines when piped, or as a JSON line per iteration.</summary>
internal static class TrainingDisplay
{
    private static readonly TimeSpan _plainInterval = TimeSpan.FromSeconds(10);

    // Of a supervised run; the mean loss is over as many.
    private const int BatchesOfALine = 100;

    /// <summary>Follows a run until it is over.</summary>
    /// <returns>Its last snapshot.</returns>
    public static async Task<RunSnapshot> Follow(IAsyncEnumerable<RunSnapshot> snapshots, TrainingPlan plan, Reporter reporter)
    {
        if (!reporter.IsTerminal)
        {
            return await FollowPlainly(snapshots, plan, reporter).ConfigureAwait(false);
        }

        RunSnapshot last = null!;
        await AnsiConsole.Live(new Text("waiting for workers")).AutoClear(false).StartAsync(async live =>
        {
            Stopwatch sinceDrawn = Stopwatch.StartNew();
            RunningMean accuracy = new(50);
            await foreach (RunSnapshot snapshot in snapshots.ConfigureAwait(false))
            {
                last = snapshot;
                accuracy.Add(snapshot.Metrics?.QueryAccuracyFraction);
                if (snapshot.IsOver || sinceDrawn.ElapsedMilliseconds > 200)
                {
                    live.UpdateTarget(Table(snapshot, accuracy));
                    sinceDrawn.Restart();
                }
            }
        }).ConfigureAwait(false);
        return last;
    }

    private static async Task<RunSnapshot> FollowPlainly(IAsyncEnumerable<RunSnapshot> snapshots, TrainingPlan plan, Reporter reporter)
    {
        RunSnapshot last = null!;
        Stopwatch sinceLine = Stopwatch.StartNew();
        int shown = 0;
        RunningMean accuracy = new(50);
        RunningMean loss = new(BatchesOfALine);
        await foreach (RunSnapshot snapshot in snapshots.ConfigureAwait(false))
        {
            bool committed = last is not null && snapshot.Metrics?.Iteration > (last.Metrics?.Iteration ?? 0);
            if (snapshot.Validation is { } validation && validation != last?.Validation)
            {
                Show(validation, reporter);
            }

            last = snapshot;
            if (!committed || snapshot.Metrics is not { } metrics)
            {
                continue;
            }

            accuracy.Add(metrics.QueryAccuracyFraction);
            loss.Add(metrics.QueryLoss);
            reporter.JsonOnly(new
            {
                Event = "iteration",
                metrics.Iteration,
                metrics.QueryLoss,
                QueryAccuracy = metrics.QueryAccuracyFraction,
                metrics.MetaGradientNorm,
                Episodes = metrics.CountedEpisodes,
                EpisodesPerSecond = Math.Round(snapshot.EpisodesPerSecond, 2),
            });
            if (plan.Options.Supervised is { } supervised)
            {
                if (!reporter.IsJson && (metrics.Iteration / BatchesOfALine > shown || metrics.Iteration == plan.Options.Iterations))
                {
                    shown = metrics.Iteration / BatchesOfALine;
                    Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"batch {metrics.Iteration}/{plan.Options.Iterations}  mean loss {loss.Value:F4}{Accuracy(metrics, accuracy)}  {ExamplesPerSecond(snapshot, supervised):F0} examples/s"));
                }
            }
            else if (!reporter.IsJson && (sinceLine.Elapsed > _plainInterval || metrics.Iteration == plan.Options.Iterations))
            {
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"iteration {metrics.Iteration}/{plan.Options.Iterations}  loss {metrics.QueryLoss:F4}{Accuracy(metrics, accuracy)}  {snapshot.EpisodesPerSecond:F1} episodes/s"));
                sinceLine.Restart();
            }
        }

        return last;
    }

    private static void Show(ValidationMetrics validation, Reporter reporter) => reporter.Event(
        new
        {
            Event = "validation",
            validation.Iteration,
            validation.ValidationLoss,
            ValidationAccuracy = validation.ValidationAccuracyFraction,
            validation.ValidationEpisodes,
            validation.BestIteration,
        },
        string.Create(CultureInfo.InvariantCulture, $"validation at iteration {validation.Iteration}: loss {validation.ValidationLoss:F4}")
        + (validation.ValidationAccuracyFraction is { } accuracy ? $"  accuracy {Figures.Percent(accuracy)}" : "")
        + string.Create(CultureInfo.InvariantCulture, $"  best version {validation.BestIteration}"));

    private static double ExamplesPerSecond(RunSnapshot snapshot, ITrainsOnExamples supervised) => snapshot.EpisodesPerSecond * supervised.BatchSize / snapshot.Options.MetaBatch;

    private static string Accuracy(IterationMetrics metrics, RunningMean accuracy) =>
        metrics.QueryAccuracyFraction is null ? "" : $"  accuracy {Figures.Percent(accuracy.Value)}";

    private static Table Table(RunSnapshot snapshot, RunningMean accuracy)
    {
        double left = (snapshot.Options.Iterations - snapshot.State.Iteration) * (double)snapshot.Options.MetaBatch / Math.Max(0.01, snapshot.EpisodesPerSecond);
        ITrainsOnExamples? supervised = snapshot.Options.Supervised;
        Table table = new Table().RoundedBorder();
        foreach ((string title, int width) in new[] { (supervised is null ? "iteration" : "batch", 17), ("loss", 8), (supervised is null ? "query accuracy" : "accuracy", 14), (supervised is null ? "episodes/s" : "examples/s", 10), ("left", 19) })
        {
            // Fixed widths: a table that changes its width leaves remnants on the screen.
            table.AddColumn(new TableColumn(title).Width(width));
        }

        table.AddRow(
            $"{snapshot.State.Iteration}/{snapshot.Options.Iterations}",
            snapshot.Metrics is { } metrics ? Figures.Number(metrics.QueryLoss, 4) : "-",
            snapshot.Metrics?.QueryAccuracyFraction is null ? "-" : Figures.Percent(accuracy.Value),
            supervised is null ? Figures.Number(snapshot.EpisodesPerSecond, 1) : Figures.Number(ExamplesPerSecond(snapshot, supervised), 0),
            snapshot.Metrics is null ? "waiting for workers" : Left(TimeSpan.FromSeconds(Math.Min(left, 8e6))));
        return table;
    }

    private static string Left(TimeSpan time) =>
        time.ToString(time.TotalDays < 1 ? @"h\:mm\:ss" : @"d' days 'h\:mm\:ss", CultureInfo.InvariantCulture);

    /// <summary>Mean over the latest values.</summary>
    private sealed class RunningMean(int window)
    {
        private readonly Queue<double> _values = new();

        public double Value => _values.Count == 0 ? 0 : _values.Average();

        public void Add(double? value)
        {
            if (value is { } number)
            {
                _values.Enqueue(number);
                if (_values.Count > window)
                {
                    _values.Dequeue();
                }
            }
        }
    }
}
