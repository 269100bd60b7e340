using System.Collections.Immutable;
using MetaMap.Coordinator.Runs;
using MetaMap.Core.Rounds;
using MetaMap.Core.Training;
using MetaMap.Shared.Messages;

namespace MetaMap.Simulation.Tests;

/// <summary>
/// A coordinator node. While it owns the run, it does with the pure pieces what the run's trainer does: lease, judge,
/// fetch, count, step, and commit in the background. Learns that it owns the run no more only from a refused commit.
/// </summary>
/// <param name="world">Where it lives.</param>
/// <param name="number">From 1.</param>
internal sealed class SimulatedCoordinator(World world, int number) : SimulatedNode(world.Simulator, $"coordinator-{number}")
{
    private RunProgress? _progress;
    private GradientIntake _intake = null!;
    private BlobId? _offered;
    private long _epoch;
    private int _committed;
    private bool _isWriting;

    /// <summary>It believes that the run is its own.</summary>
    public bool IsOwner => IsUp && _progress is not null;

    /// <summary>The claim that it holds, or held last.</summary>
    public long Epoch => _epoch;

    private string Owner => $"{Address}, epoch {_epoch}";

    protected override void OnStart() => (_progress, _offered) = (null, null);

    /// <summary>Takes the run over.</summary>
    public void Claim()
    {
        (_epoch, MetaState? stored) = world.Store.Claim();
        MetaState state = stored ?? Invariants.Training.Begin();
        Simulator.Note($"{Owner} owns the run from iteration {state.Iteration}");
        (_committed, _isWriting) = (state.Iteration, false);
        EndFetches();
        _intake = new GradientIntake(Blobs, result => Fetch(world.Network, result.Gradient, result.GradientHolder), Tell, () => Simulator.Now);
        _progress = RunProgress.From(Invariants.Training, state, LeasePolicy.Default);
        Offer(state);
        Tick(_epoch);
        Advance(_progress);
    }

    public void Receive(RequestBlocks request) => Do(progress => progress.Offer(request.WorkerId, request.Lanes));

    public void Receive(BlockAdapted result) => Do(progress => _intake.Received(progress, result));

    public void Receive(BlockReturned returned) => Do(progress => progress.Return(returned));

    public void Lose(WorkerId worker) => Do(progress => progress.Lose(worker));

    private void Do(Func<RunProgress, RunProgress> change)
    {
        if (_progress is { } progress)
        {
            Advance(change(progress));
        }
    }

    private void Advance(RunProgress next)
    {
        while (next.CanCommit)
        {
            MetaState before = next.State;
            (next, _) = next.Commit();
            Invariants.Committed(before, next.State);
            Offer(next.State);
        }

        (_progress, ImmutableArray<BlockAssignment> assignments) = next.Assign(Simulator.Now);
        foreach (BlockAssignment assignment in assignments)
        {
            BlockLeased lease = new(World.Run, _progress.Round.Iteration, assignment.Attempt, assignment.Block, _offered!.Value, Address);
            world.Network.Send(this, assignment.Worker.Value, node => ((SimulatedWorker)node).Receive(lease));
        }

        Invariants.Holds(Owner, _progress.Round, Fetches);
        Write();
    }

    private void Tick(long epoch) => After(TimeSpan.FromSeconds(1), () =>
    {
        if (_epoch == epoch && _progress is not null)
        {
            Do(progress => progress.Expire(Simulator.Now));
            Tick(epoch);
        }
    });

    private void Offer(MetaState state)
    {
        BlobId blob = Blobs.Put(state.Parameters.Bytes.ToArray());
        if (_offered is { } before)
        {
            Blobs.Release(before);
        }

        _offered = blob;
    }

    protected override void OnFetched(BlobId blob, ReadOnlyMemory<byte>? bytes, string? reason) => Do(progress =>
        bytes is { } gradient ? _intake.Fetched(progress, new(blob, gradient)) : _intake.Missed(progress, new(blob, reason!)));

    private void Tell(BlockAdapted result, string verdict, string? reason)
    {
        if (verdict == nameof(BlockVerdict.Counted))
        {
            world.Invariants.Counted(Owner, _progress!.Round.Iteration, result.Iteration, result.BlockIndex);
        }

        world.Network.Send(this, result.WorkerId.Value, node => ((SimulatedWorker)node).Receive(
            new BlockJudged(result.RunId, result.Iteration, result.BlockIndex, result.Gradient, verdict)));
    }

    /// <summary>One commit at a time: it reaches the store late, and its answer comes late, or never.</summary>
    private void Write()
    {
        if (_isWriting || _progress!.State.Iteration == _committed)
        {
            return;
        }

        _isWriting = true;
        (long epoch, int after, MetaState state, int life) = (_epoch, _committed, _progress.State, Life);
        Simulator.After(Simulator.Between(0.001, Simulator.Chance(0.05) ? 20 : 0.1), () =>
        {
            bool isCommitted = world.Store.TryCommit(epoch, after, state);
            Simulator.Note($"{Owner}: commit of {after} to {state.Iteration} in epoch {epoch}: {(isCommitted ? "done" : "refused")}");
            bool isAnswerLost = !world.Network.IsHealed && Simulator.Chance(0.03);
            Simulator.After(Simulator.Between(0.001, 0.05), () => Happen(life, () => Written(epoch, state, isCommitted, isAnswerLost)));
        });
    }

    private void Written(long epoch, MetaState state, bool isCommitted, bool isAnswerLost)
    {
        if (_epoch != epoch || _progress is null)
        {
            return;
        }

        _isWriting = false;
        if (isAnswerLost)
        {
            Write(); // again: refused, should the first have been done
        }
        else if (isCommitted)
        {
            _committed = state.Iteration;
            Write();
        }
        else
        {
            Simulator.Note($"{Owner} has lost the run");
            _progress = null;
            EndFetches();
        }
    }
}
