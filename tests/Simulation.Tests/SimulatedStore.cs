using MetaMap.Shared.Messages;
using MetaMap.Training.Loop;

namespace MetaMap.Simulation.Tests;

/// <summary>What a store answers to an owner.</summary>
internal enum StoreAnswer
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>Another owner has the run.</summary>
    Fenced,
}

/// <summary>
/// Where the run is kept: each operation is atomic, which is what every real store promises. It is watched, and throws when its
/// history is not one.
/// </summary>
/// <param name="world">The clock, the plan, the promises.</param>
internal sealed class SimulatedStore(World world)
{
    /// <summary>An owner that is silent for this long is taken for dead.</summary>
    private static readonly TimeSpan _deadAfter = TimeSpan.FromSeconds(10);

    private string? _owner;
    private TimeSpan _renewedAt;
    private int _number;
    private SimulatedNode? _brokenTo;
    private TimeSpan _brokenUntil;

    /// <summary>Claims so far.</summary>
    public long Epoch { get; private set; }

    /// <summary>The newest committed state; null before the first commit.</summary>
    public MetaState? State { get; private set; }

    /// <summary>Committed iterations.</summary>
    public int Iteration => State?.Iteration ?? 0;

    /// <summary>It was given back for good.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Operations of former owners that were refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Takes the owner for dead, although it may live: its signs of life came too late.</summary>
    public void ForgetOwner() => _owner = null;

    /// <summary>Everything fails for a while, or all that one node wants.</summary>
    public void Break(SimulatedNode? node, TimeSpan lasting) => (_brokenTo, _brokenUntil) = (node, world.Simulator.Now + lasting);

    /// <summary>Whether a node may take the run over.</summary>
    public bool IsFree => !IsFinished && (_owner is null || world.Simulator.Now - _renewedAt >= _deadAfter);

    /// <summary>Takes the run over: the epoch rises by one.</summary>
    public long Claim(string owner)
    {
        (_owner, _renewedAt, _number) = (owner, world.Simulator.Now, 0);
        return ++Epoch;
    }

    /// <summary>Commits, if nobody else has claimed the run since. The same commit again changes nothing.</summary>
    /// <param name="epoch">Of the claim.</param>
    /// <param name="number">Of the commit within the claim.</param>
    /// <param name="state">The new state.</param>
    /// <param name="iterations">The iterations that become durable, in order.</param>
    public StoreAnswer Commit(long epoch, int number, MetaState state, IReadOnlyList<int> iterations)
    {
        if (IsOver(epoch))
        {
            return StoreAnswer.Fenced;
        }

        if (number == _number)
        {
            return StoreAnswer.Done;
        }

        Promises.Check(number == _number + 1, $"I1: commit {number} of epoch {epoch} after commit {_number}");
        Promises.Check(
            iterations.SequenceEqual(Enumerable.Range(Iteration + 1, iterations.Count)) && state.Iteration == Iteration + iterations.Count,
            $"I1: iterations {string.Join(", ", iterations)} and the state of {state.Iteration} are committed on top of {Iteration}");
        world.Promises.HasTheBits(state);
        (State, _number, _renewedAt) = (state, number, world.Simulator.Now);
        return StoreAnswer.Done;
    }

    /// <summary>Shows that the owner is alive.</summary>
    public StoreAnswer Renew(long epoch)
    {
        if (IsOver(epoch))
        {
            return StoreAnswer.Fenced;
        }

        _renewedAt = world.Simulator.Now;
        return StoreAnswer.Done;
    }

    /// <summary>Appends to the journal.</summary>
    public StoreAnswer Append(long epoch) => IsOver(epoch) ? StoreAnswer.Fenced : StoreAnswer.Done;

    /// <summary>Gives the run back. Done before, it changes nothing.</summary>
    public StoreAnswer Release(long epoch, RunStatus status)
    {
        if (IsOver(epoch))
        {
            return StoreAnswer.Fenced;
        }

        Promises.Check(status is RunStatus.Queued or RunStatus.Finished, $"I6: the run is given back as {status}");
        Promises.Check(status != RunStatus.Finished || Iteration == Promises.Iterations, $"I8: the run is finished at iteration {Iteration}");
        (_owner, IsFinished) = (null, status == RunStatus.Finished);
        return StoreAnswer.Done;
    }

    /// <summary>An operation on its way: it reaches the store late, or not at all, and its answer comes late, or is lost.</summary>
    /// <param name="node">Who waits for the answer; it may have ended when it comes.</param>
    /// <param name="operation">What is to be done.</param>
    /// <param name="answered">Gets what it gave; null when that is not known.</param>
    public void Call<T>(SimulatedNode node, Func<T> operation, Action<T?> answered) where T : struct
    {
        Simulator simulator = world.Simulator;
        int life = node.Life;
        simulator.After(Delay(), () =>
        {
            bool isBroken = Fails(node);
            T? result = isBroken && simulator.Chance(0.5) ? null : operation();
            simulator.After(Delay(), () => node.Happen(life, () => answered(isBroken ? null : result)));
        });
    }

    private bool Fails(SimulatedNode node) => !world.Network.IsHealed && (
        (world.Simulator.Now < _brokenUntil && (_brokenTo is null || _brokenTo == node)) || world.Simulator.Chance(world.Plan.StoreFailures));

    private TimeSpan Delay() => world.Simulator.Between(
        0.0005, world.Simulator.Chance(0.1) && !world.Network.IsHealed ? world.Plan.StoreDelaySeconds : 0.02);

    private bool IsOver(long epoch)
    {
        Refused += epoch == Epoch ? 0 : 1;
        return epoch != Epoch;
    }
}
