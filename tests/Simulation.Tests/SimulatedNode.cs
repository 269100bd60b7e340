using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Simulation.Tests;

/// <summary>A machine that can crash, stand still and be cut off. What it was to do is lost in a crash, and waits in a pause.</summary>
/// <param name="simulator">Clock and chance.</param>
/// <param name="name">For people.</param>
internal abstract class SimulatedNode(Simulator simulator, string name)
{
    private readonly List<Action> _waiting = [];
    private readonly Dictionary<BlobId, SimulatedFetch> _fetches = [];
    private long _pauses;

    /// <summary>The node and its life, e.g. <c>worker-1#3</c>: what it is reached by.</summary>
    public string Address => $"{name}#{Life}";

    /// <summary>Starts so far.</summary>
    public int Life { get; private set; }

    public bool IsUp { get; private set; }

    public bool IsPaused { get; private set; }

    /// <summary>No message passes to or from it before this time.</summary>
    public TimeSpan CutUntil { get; set; }

    /// <summary>Buffers of this life.</summary>
    public BlobStore Blobs { get; private set; } = new();

    /// <summary>Transfers under way.</summary>
    public int Fetches => _fetches.Count;

    public Simulator Simulator => simulator;

    public void Start()
    {
        (Life, IsUp, Blobs) = (Life + 1, true, new BlobStore());
        simulator.Note($"{Address} starts");
        OnStart();
    }

    public void Crash()
    {
        simulator.Note($"{Address} crashes");
        (IsUp, IsPaused) = (false, false);
        _waiting.Clear();
        _fetches.Clear();
    }

    public void Pause(TimeSpan lasting)
    {
        simulator.Note($"{Address} stands still for {lasting.TotalSeconds:0.0} s");
        IsPaused = true;
        long pause = ++_pauses;
        int life = Life;
        simulator.After(lasting, () =>
        {
            if (IsPaused && pause == _pauses && life == Life)
            {
                Continue();
            }
        });
    }

    public void Continue()
    {
        IsPaused = false;
        simulator.Note($"{Address} goes on");
        Action[] waited = [.. _waiting];
        _waiting.Clear();
        foreach (Action happen in waited)
        {
            Happen(Life, happen);
        }
    }

    /// <summary>Lets something happen at this node, in this life, later.</summary>
    public void After(TimeSpan delay, Action happen)
    {
        int life = Life;
        simulator.After(delay, () => Happen(life, happen));
    }

    /// <summary>A message or a timer reaches the node.</summary>
    public void Happen(int life, Action happen)
    {
        if (!IsUp || life != Life)
        {
            return;
        }

        if (IsPaused)
        {
            _waiting.Add(happen);
        }
        else
        {
            happen();
        }
    }

    protected abstract void OnStart();

    /// <summary>Ends all transfers under way, as the end of the actor that wants them does.</summary>
    protected void EndFetches() => _fetches.Clear();

    /// <summary>Fetches a blob from another node, once however often it is asked for; every time adds a holder.</summary>
    protected void Fetch(SimulatedNetwork network, BlobId blob, string holder)
    {
        if (_fetches.TryGetValue(blob, out SimulatedFetch? under))
        {
            under.AddHolder(holder);
            return;
        }

        SimulatedFetch fetch = new(this, network, blob, holder);
        _fetches[blob] = fetch;
        fetch.Start();
    }

    /// <summary>True while this very transfer is under way.</summary>
    public bool IsFetching(SimulatedFetch fetch) => _fetches.GetValueOrDefault(fetch.Blob) == fetch;

    /// <summary>A transfer has ended.</summary>
    /// <param name="blob">Of which buffer.</param>
    /// <param name="bytes">The buffer; null when it could not be had.</param>
    /// <param name="reason">Why not.</param>
    public void Fetched(BlobId blob, ReadOnlyMemory<byte>? bytes, string? reason)
    {
        _fetches.Remove(blob);
        OnFetched(blob, bytes, reason);
    }

    /// <summary>A blob is here, or (null) could not be had.</summary>
    protected abstract void OnFetched(BlobId blob, ReadOnlyMemory<byte>? bytes, string? reason);
}
