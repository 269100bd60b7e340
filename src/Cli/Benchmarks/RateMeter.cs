using System.Diagnostics;
using System.Globalization;
using MetaMap.Cli.Progress;

namespace MetaMap.Cli.Benchmarks;

/// <summary>Notes when iterations are committed, says so on standard error now and then, and gives the rate.</summary>
/// <param name="episodes">Episodes of an iteration.</param>
/// <param name="progress">Is told of each; null for nobody.</param>
/// <param name="warmIterations">Iterations before everything is warm; null for a quarter of them.</param>
internal sealed class RateMeter(int episodes, BenchProgress? progress = null, int? warmIterations = null)
{
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(10);

    private readonly List<(int Iteration, long At, TimeSplit? Split)> _commits = [];
    private long _shown = Stopwatch.GetTimestamp();

    /// <summary>Iterations that are committed.</summary>
    public int Iterations => _commits.Count == 0 ? 0 : _commits[^1].Iteration;

    /// <summary>The rate from the last warm iteration to the last of all.</summary>
    public double EpisodesPerSecond => (Iterations - Warm.Iteration) * (double)episodes / Stopwatch.GetElapsedTime(Warm.At, _commits[^1].At).TotalSeconds;

    /// <summary>Where the time went in these iterations; null where nobody noted it.</summary>
    public TimeSplit? Split => _commits[^1].Split is { } last && Warm.Split is { } warm ? last - warm : null;

    private (int Iteration, long At, TimeSplit? Split) Warm =>
        _commits[Math.Max(0, _commits.FindLastIndex(commit => commit.Iteration <= (warmIterations ?? Iterations / 4)))];

    /// <summary>Notes the newest iteration; one that is known already changes nothing.</summary>
    /// <param name="iteration">Its number.</param>
    /// <param name="split">Where the time went until now.</param>
    public void Committed(int iteration, TimeSplit? split = null)
    {
        if (iteration <= Iterations)
        {
            return;
        }

        _commits.Add((iteration, Stopwatch.GetTimestamp(), split));
        progress?.Committed(iteration, episodes);
        if (Stopwatch.GetElapsedTime(_shown) > _silence && !LiveScreen.IsDrawn)
        {
            _shown = Stopwatch.GetTimestamp();
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  iteration {iteration}  {EpisodesPerSecond:F1} episodes/s"));
        }
    }
}
