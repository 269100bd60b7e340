using MetaMap.Core;

namespace MetaMap.Simulation.Tests;

/// <summary>Discrete events on a simulated clock: what happens next follows from the seed alone. One thread.</summary>
/// <param name="seed">Of all random choices.</param>
internal sealed class Simulator(long seed)
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _events = new();
    private readonly Queue<string> _trace = new();
    private DeterministicRandom _random = DeterministicRandom.For("simulation", seed);
    private long _order;

    /// <summary>Since the start.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Events so far.</summary>
    public long Events { get; private set; }

    /// <summary>The newest things that happened, for people.</summary>
    public IEnumerable<string> Trace => _trace;

    /// <summary>Lets something happen later.</summary>
    public void After(TimeSpan delay, Action happen) => _events.Enqueue(happen, (Now + delay, _order++));

    /// <summary>Lets the next event happen; false when there is none.</summary>
    public bool Step()
    {
        if (!_events.TryDequeue(out Action? happen, out (TimeSpan At, long Order) place))
        {
            return false;
        }

        Now = place.At;
        Events++;
        happen();
        return true;
    }

    /// <summary>True with a probability.</summary>
    public bool Chance(double probability) => _random.NextDouble() < probability;

    /// <summary>A whole number from 0.</summary>
    public int Below(int bound) => _random.NextInt(bound);

    /// <summary>A time between two others.</summary>
    public TimeSpan Between(double fromSeconds, double toSeconds) => TimeSpan.FromSeconds(_random.NextDouble(fromSeconds, toSeconds));

    /// <summary>Remembers what happened; the newest 60 are kept.</summary>
    public void Note(string what)
    {
        _trace.Enqueue($"{Now.TotalSeconds,8:0.000}  {what}");
        if (_trace.Count > 60)
        {
            _trace.Dequeue();
        }
    }
}
