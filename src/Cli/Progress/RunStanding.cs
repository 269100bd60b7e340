using System.Globalization;
using MetaMap.Cli.Output;
using MetaMap.Coordinator.Http;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Training.Configuration;

namespace MetaMap.Cli.Progress;

/// <summary>Where a run stands, in people's words.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Status"><c>training</c> and so on.</param>
/// <param name="Iteration">Committed iterations.</param>
/// <param name="Iterations">Iterations in all.</param>
internal sealed record RunStanding(string RunId, string Status, int Iteration, int Iterations)
{
    private static readonly TimeSpan _longest = TimeSpan.FromDays(99);

    /// <summary>Of the latest iteration's query sets, or of the latest minibatches.</summary>
    public double? Loss { get; init; }

    /// <summary>Of the latest iteration's query sets, 0 to 1; null for regression.</summary>
    public double? TrainingAccuracy { get; init; }

    /// <summary>Of the latest measurement on the validation classes, 0 to 1.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>Episodes a second, or examples of a supervised run; 0 while nothing is known.</summary>
    public double Rate { get; private init; }

    /// <summary>What training waits for, what degrades it, or why it failed.</summary>
    public string? Note { get; init; }

    /// <summary>True while it is trained.</summary>
    public bool IsTraining => Status == "training";

    /// <summary>True where minibatches are counted instead of iterations, and examples instead of episodes.</summary>
    public bool IsSupervised { get; private init; }

    /// <summary>The time that the other iterations will take at this rate; null where nobody knows.</summary>
    public TimeSpan? Left { get; private init; }

    /// <summary>How far it is: <c>iteration 3/60</c>.</summary>
    public string Position => string.Create(CultureInfo.InvariantCulture, $"{(IsSupervised ? "batch" : "iteration")} {Iteration}/{Iterations}");

    /// <summary>The share that is done, 0 to 1.</summary>
    public double Fraction => Iterations == 0 ? 1 : Math.Clamp((double)Iteration / Iterations, 0, 1);

    /// <summary>The rate with its unit; null while nothing is known.</summary>
    public string? Speed => Rate > 0 ? SpeedOf(Rate, IsSupervised) : null;

    /// <summary>What was measured, each under its name.</summary>
    public string Measures => Phrases(
        Loss is { } loss ? $"loss {Figures.Number(loss, 4)}" : null,
        TrainingAccuracy is { } training ? $"training accuracy {Figures.Percent(training)}" : null,
        ValidationAccuracy is { } validation ? $"validation accuracy {Figures.Percent(validation)}" : null);

    /// <summary>Everything in one line, for logs and pipes.</summary>
    /// <param name="workers">Who works; null where nobody knows.</param>
    public string Line(WorkerCount? workers) => Phrases(Position, Measures, Speed, Left is { } left ? $"{Time(left)} left" : null, workers?.ToString(), Note);

    /// <summary>A run of this node.</summary>
    public static RunStanding Of(RunSnapshot run) => new RunStanding(run.RunId.Value, run.Status.ToString().ToLowerInvariant(), run.State.Iteration, run.Options.Iterations)
    {
        Loss = run.Metrics?.QueryLoss, TrainingAccuracy = run.Metrics?.QueryAccuracyFraction, ValidationAccuracy = run.Validation?.ValidationAccuracyFraction,
        Note = run.Problem ?? run.Waiting,
    }.At(run.EpisodesPerSecond, run.Options);

    /// <summary>A run as HTTP shows it.</summary>
    public static RunStanding Of(RunBody run) => new RunStanding(run.RunId, run.Status, run.Iteration, run.Iterations)
    {
        Loss = run.QueryLoss, TrainingAccuracy = run.QueryAccuracy, ValidationAccuracy = run.ValidationAccuracy, Note = run.Problem,
    }.At(run.EpisodesPerSecond, run.Options);

    /// <summary>A time that is left: <c>1:02:03</c>.</summary>
    public static string Time(TimeSpan time) => time >= _longest ? "months"
        : time.ToString(time.TotalDays < 1 ? @"h\:mm\:ss" : time.TotalDays < 2 ? @"d' day 'h\:mm\:ss" : @"d' days 'h\:mm\:ss", CultureInfo.InvariantCulture);

    /// <summary>How fast a run was trained, with its unit.</summary>
    public static string SpeedOf(double episodesPerSecond, RunOptions options) => SpeedOf(RateOf(episodesPerSecond, options), options.Supervised is not null);

    private static string SpeedOf(double rate, bool isSupervised) => $"{Figures.Number(rate, isSupervised ? 0 : 1)} {(isSupervised ? "examples" : "episodes")}/s";

    private static double RateOf(double episodesPerSecond, RunOptions options) => episodesPerSecond * (options.Supervised is { } supervised ? (double)supervised.BatchSize / options.MetaBatch : 1);

    /// <summary>Those that there are, side by side.</summary>
    internal static string Phrases(params string?[] phrases) => string.Join("  ", phrases.Where(phrase => !string.IsNullOrEmpty(phrase)));

    private RunStanding At(double episodesPerSecond, RunOptions options) => this with
    {
        IsSupervised = options.Supervised is not null,
        Rate = RateOf(episodesPerSecond, options),
        Left = IsTraining && episodesPerSecond > 0
            ? TimeSpan.FromSeconds(Math.Min((Iterations - Iteration) * (double)options.MetaBatch / episodesPerSecond, _longest.TotalSeconds)) : null,
    };
}
