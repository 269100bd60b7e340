using MetaMap.Core.Training;

namespace MetaMap.Simulation.Tests;

/// <summary>Where a run is kept: two operations, each of them atomic. What every real store promises.</summary>
internal interface ISimulatedStore
{
    /// <summary>Takes the run over: the epoch rises by one.</summary>
    /// <returns>The epoch, and the newest committed state; null before the first commit.</returns>
    (long Epoch, MetaState? State) Claim();

    /// <summary>Commits, if nobody else has claimed the run since and nothing was committed since.</summary>
    /// <param name="epoch">Of the claim.</param>
    /// <param name="after">The iteration that was committed before.</param>
    /// <param name="state">The new state.</param>
    bool TryCommit(long epoch, int after, MetaState state);
}

/// <summary>A store in memory: a compare-and-set on epoch and iteration.</summary>
internal sealed class SimulatedStore : ISimulatedStore
{
    private long _epoch;
    private MetaState? _state;

    public (long Epoch, MetaState? State) Claim() => (++_epoch, _state);

    public bool TryCommit(long epoch, int after, MetaState state)
    {
        if (epoch != _epoch || after != (_state?.Iteration ?? 0))
        {
            return false;
        }

        _state = state;
        return true;
    }
}

/// <summary>Watches a store from outside and throws when its history is not one.</summary>
/// <param name="store">The store.</param>
internal sealed class WatchedStore(ISimulatedStore store) : ISimulatedStore
{
    private long _epoch;

    /// <summary>Committed iterations.</summary>
    public int Iteration { get; private set; }

    /// <summary>Commits that were refused.</summary>
    public int Refused { get; private set; }

    public (long Epoch, MetaState? State) Claim()
    {
        (long epoch, MetaState? state) = store.Claim();
        Invariants.Check(epoch == _epoch + 1, $"claim gave epoch {epoch} after {_epoch}");
        Invariants.Check((state?.Iteration ?? 0) == Iteration, $"claim gave iteration {state?.Iteration} after commits to {Iteration}");
        _epoch = epoch;
        return (epoch, state);
    }

    public bool TryCommit(long epoch, int after, MetaState state)
    {
        if (!store.TryCommit(epoch, after, state))
        {
            Refused++;
            return false;
        }

        Invariants.Check(epoch == _epoch, $"I1: epoch {epoch} committed after epoch {_epoch} had claimed the run");
        Invariants.Check(after == Iteration && state.Iteration > after, $"I1: a commit of {after} to {state.Iteration} on top of {Iteration}");
        Invariants.HasTheBits(state);
        Iteration = state.Iteration;
        return true;
    }
}
