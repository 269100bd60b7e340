using System.Globalization;
using MetaMap.Cli.Output;
using MetaMap.Cli.Progress;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Workers;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Cli.Training;

/// <summary>Shows a run while it trains: live on a terminal, as plain lines on standard error when piped, or as a JSON line per iteration on standard output.</summary>
/// <param name="options">Of the run.</param>
/// <param name="workers">Who works now.</param>
/// <param name="reporter">Where it is shown.</param>
internal sealed class TrainingDisplay(RunOptions options, Func<WorkerBoard> workers, Reporter reporter)
{
    private static readonly TimeSpan _plainInterval = TimeSpan.FromSeconds(10);

    // Of a supervised run; the mean loss is over as many.
    private const int BatchesOfALine = 100;

    private readonly RunningMean _accuracy = new(50);
    private readonly RunningMean _loss = new(options.Supervised is null ? 1 : BatchesOfALine);
    private RunSnapshot? _last;

    /// <summary>Follows a run until it is over.</summary>
    /// <returns>Its last snapshot.</returns>
    public Task<RunSnapshot> Follow(IAsyncEnumerable<RunSnapshot> snapshots) => reporter.IsJson ? Read(snapshots, Write, Write)
        : !LiveScreen.IsPossible ? FollowPlainly(snapshots)
        : LiveScreen.While(Read(snapshots, _ => { }, _ => { }), terminal => RunScreen.Of(Standing, Workers, terminal), keep: true);

    private WorkerCount Workers => WorkerCount.Of(workers().Workers);

    private RunStanding Standing => _last is null
        ? new RunStanding("", "", 0, options.Iterations) { Note = "starting" }
        : RunStanding.Of(_last) with { Loss = _loss.Value, TrainingAccuracy = _accuracy.Value };

    private async Task<RunSnapshot> FollowPlainly(IAsyncEnumerable<RunSnapshot> snapshots)
    {
        string shown = "";
        int lines = 0;
        Task<RunSnapshot> reading = Read(snapshots, Committed, validation => Console.Error.WriteLine(Sentence(validation)));
        while (await Task.WhenAny(reading, Task.Delay(_plainInterval)).ConfigureAwait(false) != reading)
        {
            // A supervised run has its lines by the number of batches, unless it waits.
            if (options.Supervised is null || _last?.Waiting is not null)
            {
                WriteLine(Standing);
            }
        }

        return await reading.ConfigureAwait(false);

        void Committed(RunSnapshot snapshot)
        {
            int iteration = snapshot.Metrics!.Iteration;
            if (iteration == options.Iterations || (options.Supervised is not null && iteration / BatchesOfALine > lines))
            {
                lines = iteration / BatchesOfALine;
                WriteLine(Standing with { Iteration = iteration });
            }
        }

        void WriteLine(RunStanding standing)
        {
            string line = standing.Line(Workers);
            if (line != shown)
            {
                shown = line;
                Console.Error.WriteLine(line);
            }
        }
    }

    private async Task<RunSnapshot> Read(IAsyncEnumerable<RunSnapshot> snapshots, Action<RunSnapshot> committed, Action<ValidationMetrics> validated)
    {
        await foreach (RunSnapshot snapshot in snapshots.ConfigureAwait(false))
        {
            RunSnapshot? before = _last;
            bool isCommitted = before is not null && snapshot.Metrics?.Iteration > (before.Metrics?.Iteration ?? 0);
            if (isCommitted)
            {
                _accuracy.Add(snapshot.Metrics!.QueryAccuracyFraction);
                _loss.Add(snapshot.Metrics.QueryLoss);
            }

            _last = snapshot;
            if (snapshot.Validation is { } validation && validation != before?.Validation)
            {
                validated(validation);
            }

            if (isCommitted)
            {
                committed(snapshot);
            }
        }

        return _last!;
    }

    private void Write(RunSnapshot snapshot) => reporter.JsonOnly(new
    {
        Event = "iteration",
        snapshot.Metrics!.Iteration,
        snapshot.Metrics.QueryLoss,
        QueryAccuracy = snapshot.Metrics.QueryAccuracyFraction,
        snapshot.Metrics.MetaGradientNorm,
        Episodes = snapshot.Metrics.CountedEpisodes,
        EpisodesPerSecond = Math.Round(snapshot.EpisodesPerSecond, 2),
    });

    private void Write(ValidationMetrics validation) => reporter.JsonOnly(new
    {
        Event = "validation",
        validation.Iteration,
        validation.ValidationLoss,
        ValidationAccuracy = validation.ValidationAccuracyFraction,
        validation.ValidationEpisodes,
        validation.BestIteration,
    });

    private static string Sentence(ValidationMetrics validation) =>
        string.Create(CultureInfo.InvariantCulture, $"validation at iteration {validation.Iteration}: loss {validation.ValidationLoss:F4}")
        + (validation.ValidationAccuracyFraction is { } accuracy ? $"  accuracy {Figures.Percent(accuracy)}" : "")
        + string.Create(CultureInfo.InvariantCulture, $"  best version {validation.BestIteration}");

    /// <summary>Mean over the latest values; null before the first.</summary>
    private sealed class RunningMean(int window)
    {
        private readonly Queue<double> _values = new();

        public double? Value { get; private set; }

        public void Add(double? value)
        {
            if (value is { } number)
            {
                _values.Enqueue(number);
                if (_values.Count > window)
                {
                    _values.Dequeue();
                }

                Value = _values.Average();
            }
        }
    }
}
