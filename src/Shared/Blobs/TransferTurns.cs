using System.Collections.Immutable;

namespace MetaMap.Shared.Blobs;

/// <summary>Limits on what transfers to one node may use at once.</summary>
/// <param name="Transfers">Number of transfers, 1 or more.</param>
/// <param name="Bytes">Total bytes of their buffers; a longer one runs alone.</param>
internal sealed record TransferLimits(int Transfers, long Bytes)
{
    /// <summary>16 transfers, 512 MiB.</summary>
    public static TransferLimits Default { get; } = new(16, 512L << 20);
}

/// <summary>
/// Which transfers run and which wait, first come, first served, so that a long one cannot wait for ever. A pure value.
/// </summary>
/// <param name="Limits">What may run at once.</param>
/// <param name="Running">Bytes by transfer.</param>
/// <param name="Waiting">In the order of arrival.</param>
internal sealed record TransferTurns(
    TransferLimits Limits, ImmutableDictionary<long, long> Running, ImmutableList<(long Transfer, long Bytes)> Waiting)
{
    /// <summary>Bytes of the transfers that run.</summary>
    public long RunningBytes { get; private init; }

    /// <summary>Nothing runs.</summary>
    public static TransferTurns Empty(TransferLimits limits) => new(limits, ImmutableDictionary<long, long>.Empty, []);

    /// <summary>Adds a transfer.</summary>
    /// <param name="transfer">Its unique number.</param>
    /// <param name="bytes">Length of its buffer, 0 or more.</param>
    /// <returns>The queue, and the transfers that may begin now.</returns>
    public (TransferTurns Next, ImmutableArray<long> Admitted) Enter(long transfer, long bytes) =>
        (this with { Waiting = Waiting.Add((transfer, bytes)) }).Admit();

    /// <summary>A transfer has ended, or will not begin; an unknown one changes nothing.</summary>
    public (TransferTurns Next, ImmutableArray<long> Admitted) Leave(long transfer) => (Running.TryGetValue(transfer, out long bytes)
        ? this with { Running = Running.Remove(transfer), RunningBytes = RunningBytes - bytes }
        : this with { Waiting = Waiting.RemoveAll(waiting => waiting.Transfer == transfer) }).Admit();

    private (TransferTurns Next, ImmutableArray<long> Admitted) Admit()
    {
        TransferTurns next = this;
        ImmutableArray<long>.Builder admitted = ImmutableArray.CreateBuilder<long>();
        while (!next.Waiting.IsEmpty && next.HasRoomFor(next.Waiting[0].Bytes))
        {
            (long transfer, long bytes) = next.Waiting[0];
            admitted.Add(transfer);
            next = next with
            {
                Running = next.Running.Add(transfer, bytes), Waiting = next.Waiting.RemoveAt(0), RunningBytes = next.RunningBytes + bytes,
            };
        }

        return (next, admitted.DrainToImmutable());
    }

    private bool HasRoomFor(long bytes) =>
        Running.IsEmpty || (Running.Count < Limits.Transfers && RunningBytes + bytes <= Limits.Bytes);
}
