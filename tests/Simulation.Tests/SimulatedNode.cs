using System.Globalization;
using Akka.Actor;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Simulation.Tests;

/// <summary>A node in one of its lives, e.g. <c>worker-1#3</c>: what Akka calls a unique address.</summary>
/// <param name="Name">Its host.</param>
/// <param name="Life">Starts so far.</param>
internal readonly record struct NodeId(string Name, int Life) : IComparable<NodeId>
{
    public Address Address => new("akka.tcp", "metamap", Name, 4053);

    public static NodeId Parse(string text) => new(text[..text.IndexOf('#', StringComparison.Ordinal)], int.Parse(text[(text.IndexOf('#', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture));

    public int CompareTo(NodeId other) => string.CompareOrdinal(Name, other.Name) is var order and not 0 ? order : Life.CompareTo(other.Life);

    public override string ToString() => $"{Name}#{Life}";
}

/// <summary>A machine that can crash, stand still and be cut off. What it was to do is lost in a crash, and waits in a pause.</summary>
/// <param name="world">Where it is.</param>
/// <param name="name">Its host.</param>
internal abstract class SimulatedNode(World world, string name)
{
    private readonly List<Action> _waiting = [];
    private readonly Dictionary<BlobId, SimulatedFetch> _fetches = [];
    private long _pauses;

    /// <summary>What it is reached by.</summary>
    public NodeId Id => new(name, Life);

    /// <summary>Starts so far.</summary>
    public int Life { get; private set; }

    public bool IsUp { get; private set; }

    public bool IsPaused { get; private set; }

    public bool IsCoordinator => this is SimulatedCoordinator;

    /// <summary>No message passes to or from it before this time.</summary>
    public TimeSpan CutUntil { get; set; }

    /// <summary>Buffers of this life.</summary>
    public BlobStore Blobs { get; private set; } = new();

    /// <summary>Its place in the cluster, in this life.</summary>
    public SimulatedMembership Membership { get; private set; } = null!;

    /// <summary>Transfers under way.</summary>
    public int Fetches => _fetches.Count;

    public World World => world;

    public Simulator Simulator => world.Simulator;

    /// <summary>Starts the node.</summary>
    /// <param name="rejoinAttempt">Of a coordinator that has lost its cluster: the attempts that found nobody; null at a first start.</param>
    public void Start(int? rejoinAttempt = null)
    {
        (Life, IsUp, Blobs) = (Life + 1, true, new BlobStore());
        Simulator.Note($"{Id} starts");
        Membership = new SimulatedMembership(this, rejoinAttempt);
        OnStart();
        Membership.Join();
    }

    public void Crash()
    {
        Simulator.Note($"{Id} ends");
        (IsUp, IsPaused) = (false, false);
        _waiting.Clear();
        _fetches.Clear();
    }

    /// <summary>The node has lost its cluster: its process goes on with a new actor system.</summary>
    public void JoinAnew(string why, int? rejoinAttempt)
    {
        Simulator.Note($"{Id} joins anew: {why}");
        Crash();
        int life = Life;
        Simulator.After(Simulator.Between(0.2, 2), () =>
        {
            if (life == Life && !IsUp)
            {
                Start(rejoinAttempt);
            }
        });
    }

    public void Pause(TimeSpan lasting)
    {
        Simulator.Note($"{Id} stands still for {lasting.TotalSeconds:0.0} s");
        IsPaused = true;
        long pause = ++_pauses;
        int life = Life;
        Simulator.After(lasting, () =>
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
        Simulator.Note($"{Id} goes on");
        Action[] waited = [.. _waiting];
        _waiting.Clear();
        int life = Life;
        foreach (Action happen in waited)
        {
            Happen(life, happen);
        }
    }

    /// <summary>Lets something happen at this node, in this life, later.</summary>
    public void After(TimeSpan delay, Action happen)
    {
        int life = Life;
        Simulator.After(delay, () => Happen(life, happen));
    }

    /// <summary>Lets something happen at this node again and again, in this life.</summary>
    public void Every(TimeSpan interval, Action happen) => After(interval, () =>
    {
        happen();
        Every(interval, happen);
    });

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

    /// <summary>The cluster looks different now.</summary>
    public abstract void OnView(ClusterView before, ClusterView after);

    /// <summary>A coordinator has removed this node, and says so.</summary>
    public abstract void OnCutOff(NodeId by);

    protected abstract void OnStart();

    /// <summary>Ends all transfers under way, as the end of the actor that wants them does.</summary>
    protected void EndFetches() => _fetches.Clear();

    /// <summary>Fetches a blob from another node, once however often it is asked for; every time adds a holder.</summary>
    /// <param name="blob">Which.</param>
    /// <param name="holder">The node, e.g. <c>worker-1#3</c>.</param>
    protected void Fetch(BlobId blob, string holder)
    {
        if (_fetches.TryGetValue(blob, out SimulatedFetch? under))
        {
            under.AddHolder(holder);
            return;
        }

        SimulatedFetch fetch = new(this, blob, holder);
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
