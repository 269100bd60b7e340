using System.Collections.Immutable;

namespace MetaMap.Shared.Blobs;

/// <summary>The <see cref="TransferTurns"/> of one node, shared by all of its fetchers. Safe for concurrent use.</summary>
public sealed class TransferGate
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Action> _waiting = [];
    private TransferTurns _queue = TransferTurns.Empty(TransferLimits.Default);
    private long _last;

    /// <summary>Asks for a transfer's turn.</summary>
    /// <param name="bytes">Length of its buffer, 0 or more.</param>
    /// <param name="begin">Called once it is its turn, perhaps at once and on any thread; it must not block.</param>
    /// <returns>Dispose it when the transfer has ended, or is not wanted any more.</returns>
    public IDisposable Enter(long bytes, Action begin)
    {
        long transfer = Interlocked.Increment(ref _last);
        Change(
            queue =>
            {
                _waiting[transfer] = begin;
                return queue.Enter(transfer, bytes);
            });
        return new Ticket(this, transfer);
    }

    private void Leave(long transfer) => Change(queue =>
    {
        _waiting.Remove(transfer);
        return queue.Leave(transfer);
    });

    private void Change(Func<TransferTurns, (TransferTurns Next, ImmutableArray<long> Admitted)> change)
    {
        List<Action> begin = [];
        lock (_lock)
        {
            (_queue, ImmutableArray<long> admitted) = change(_queue);
            foreach (long transfer in admitted)
            {
                if (_waiting.Remove(transfer, out Action? action))
                {
                    begin.Add(action);
                }
            }
        }

        begin.ForEach(action => action());
    }

    private sealed class Ticket(TransferGate gate, long transfer) : IDisposable
    {
        public void Dispose() => gate.Leave(transfer);
    }
}
