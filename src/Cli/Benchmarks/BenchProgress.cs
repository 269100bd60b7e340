using System.Collections.Immutable;
using MetaMap.Cli.Output;
using MetaMap.Cli.Progress;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MetaMap.Cli.Benchmarks;

/// <summary>How far measurements are that are taken in turns, for people. Written by one thread, read by another.</summary>
/// <param name="what">What is trained.</param>
/// <param name="ways">Ways of training, in the order of their turns.</param>
/// <param name="repeats">Measurements of each.</param>
/// <param name="time">The clock.</param>
/// <param name="expected">About how long a measurement takes, before one has been taken; null where nobody knows.</param>
internal sealed class BenchProgress(string what, ImmutableArray<string> ways, int repeats, TimeProvider time, TimeSpan? expected = null)
{
    private readonly TimeSpan?[] _taken = new TimeSpan?[ways.Length];
    private readonly Lock _gate = new();
    private int _measurement;
    private long _began = time.GetTimestamp();
    private (int Iteration, long At) _first;
    private int _iteration;
    private double _rate;
    private Func<WorkerCount>? _workers;

    /// <summary>The measurement that is taken now.</summary>
    public string Title => $"{what}, {Figures.Whole((_measurement / ways.Length) + 1)} of {Figures.Whole(repeats)}, {ways[_measurement % ways.Length]}";

    /// <summary>How far it is: iterations and their rate.</summary>
    public string Standing
    {
        get
        {
            lock (_gate)
            {
                return RunStanding.Phrases(
                    _iteration > 0 ? $"iteration {Figures.Whole(_iteration)}" : null, _rate > 0 ? $"{Figures.Number(_rate, 1)} episodes/s" : null, _workers?.Invoke().ToString());
            }
        }
    }

    /// <summary>The time until all are taken, if each takes as long as its way took last; null where nobody knows.</summary>
    public TimeSpan? Left
    {
        get
        {
            lock (_gate)
            {
                TimeSpan[] known = [.. _taken.OfType<TimeSpan>()];
                TimeSpan? other = known.Length > 0 ? known.Aggregate((a, b) => a + b) / known.Length : expected;
                TimeSpan?[] each = [.. Enumerable.Range(_measurement, (ways.Length * repeats) - _measurement).Select(i => _taken[i % ways.Length] ?? other)];
                if (each.Contains(null))
                {
                    return null;
                }

                TimeSpan left = each.Aggregate(TimeSpan.Zero, (sum, one) => sum + one!.Value) - (each.Length == 0 ? TimeSpan.Zero : Shorter(time.GetElapsedTime(_began), each[0]!.Value));
                return left;
            }
        }
    }

    /// <summary>A measurement begins.</summary>
    /// <param name="number">How many have been taken before.</param>
    public void Begin(int number)
    {
        lock (_gate)
        {
            (_measurement, _began, _first, _iteration, _rate, _workers) = (number, time.GetTimestamp(), default, 0, 0, null);
        }
    }

    /// <summary>It is taken.</summary>
    public void End()
    {
        lock (_gate)
        {
            _taken[_measurement % ways.Length] = time.GetElapsedTime(_began);
            _measurement++;
            _began = time.GetTimestamp();
        }
    }

    /// <summary>A cluster has begun.</summary>
    public void Began(Func<WorkerCount> workers)
    {
        lock (_gate)
        {
            _workers = workers;
        }
    }

    /// <summary>An iteration is committed.</summary>
    /// <param name="iteration">Its number.</param>
    /// <param name="episodes">Of each iteration.</param>
    public void Committed(int iteration, int episodes)
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            _first = _first.Iteration == 0 ? (iteration, now) : _first;
            _iteration = iteration;
            _rate = iteration > _first.Iteration ? (iteration - _first.Iteration) * (double)episodes / time.GetElapsedTime(_first.At, now).TotalSeconds : 0;
        }
    }

    /// <summary>What stands on a terminal.</summary>
    public IRenderable Draw(Profile terminal)
    {
        int all = ways.Length * repeats;
        string after = RunStanding.Phrases($"{Figures.Whole(100 * _measurement / all)}%", Left is { } left ? $"{RunStanding.Time(left)} left" : null);
        return new Rows(new Text(Title), RunScreen.Bar($"measurement {Figures.Whole(Math.Min(_measurement + 1, all))}/{Figures.Whole(all)}", (double)_measurement / all, after, terminal), new Text(Standing));
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
