using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Simulation.Tests;

/// <summary>A machine that can crash, stand still and be cut off. What it was to do is lost in a crash, and waits in a pause.</summary>
/// <param name="simulator">Clock and chance.</param>
/// <param name="name">For people.</param>
internal abstract class SimulatedNode(Simulator simulator, string name)
{
    private readonly List<Action> _waiting = [];
    private readonly Dictionary<string, BlobTransfer> _fetches = [];
    private long _pauses;
    private int _fetchNumber;

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

    protected Simulator Simulator => simulator;

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

    /// <summary>Fetches a blob from another node, as a blob fetcher does.</summary>
    protected void Fetch(SimulatedNetwork network, BlobId blob, string holder, Action<ReadOnlyMemory<byte>> fetched, Action<string> failed)
    {
        BlobTransferOptions options = BlobTransferOptions.Default;
        BlobTransfer transfer = new(blob, options);
        string key = $"{blob.Sha256} {_fetchNumber++}";
        _fetches[key] = transfer;
        Carry(transfer.Start(simulator.Now));
        Tick();

        void Tick() => After(options.AskAgainAfter / 4, () =>
        {
            if (_fetches.ContainsKey(key))
            {
                Carry(transfer.Expire(simulator.Now));
                Tick();
            }
        });

        void Carry(TransferStep step)
        {
            if (!_fetches.ContainsKey(key))
            {
                return;
            }

            switch (step)
            {
                case MoreRequests more:
                    foreach (int chunk in more.ChunkIndices)
                    {
                        Ask(chunk);
                    }

                    break;
                case TransferCompleted completed:
                    _fetches.Remove(key);
                    fetched(completed.Bytes);
                    break;
                case TransferFailed gone:
                    _fetches.Remove(key);
                    failed(gone.Reason);
                    break;
            }
        }

        void Ask(int chunk) => network.Send(this, holder, other =>
        {
            string self = Address;
            BlobChunk? answer = other.Blobs.TryGet(blob, out ReadOnlyMemory<byte> bytes)
                ? new BlobChunk(blob, chunk, bytes.Slice(BlobChunks.OffsetOf(chunk), BlobChunks.LengthOf(blob, chunk))) : null;
            network.Send(other, self, _ => Carry(answer is null ? new TransferFailed("the holder no longer has it") : transfer.Receive(answer, simulator.Now)));
        });
    }
}
