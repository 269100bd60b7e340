using System.Collections.Immutable;
using MetaMap.Coordinator.Runs.Machine;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Messages;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;
using MetaMap.Worker.Machine;

namespace MetaMap.Simulation.Tests;

/// <summary>The run on a coordinator, from its claim to its end there: <see cref="RunMachine"/> decides, and what it says is done.</summary>
/// <param name="node">The coordinator.</param>
internal sealed class SimulatedRun(SimulatedCoordinator node)
{
    private readonly Queue<Action> _calls = new();
    private readonly List<BlobId> _offered = [];
    private long _epoch;
    private bool _isCalling;
    private bool _isOver;

    /// <summary>What the machine knows; null before the run is claimed.</summary>
    public RunState? State { get; private set; }

    private World World => node.World;

    private SimulatedStore Store => World.Store;

    private string Owner => $"{node.Id}, epoch {_epoch}";

    /// <summary>Takes the run over, if its owner is dead.</summary>
    public void Claim() => Store.Call(node, () => Store.IsFree ? (Epoch: Store.Claim($"{node.Id}"), Store.State) : default, claimed =>
    {
        if (_isOver)
        {
            return;
        }

        if (claimed is not { Epoch: > 0 } claim)
        {
            node.Ended();
            return;
        }

        _epoch = claim.Epoch;
        MetaState start = claim.State ?? World.Promises.Training.Begin();
        World.Promises.HasTheBits(start);
        node.Simulator.Note($"{Owner} owns the run from iteration {start.Iteration}");
        RunSetup setup = new(World.Promises.Training, start, _epoch)
        {
            Sharing = RunPolicy.Default with { AuditFraction = World.Plan.Audit }, Holder = $"{node.Id}",
        };
        (State, ImmutableArray<RunEffect> effects) = RunMachine.Begin(setup, node.Simulator.Now);
        Carry(effects);
    });

    /// <summary>A message to the run.</summary>
    public void Receive(IRunMessage message)
    {
        switch (message)
        {
            case RequestBlocks request:
                Step(new RunInput.Asked(request));
                Watch(request.WorkerId);
                break;
            case IBlockAnswer answer: Step(new RunInput.Answered(answer)); break;
            case WorkerLost lost: Step(new RunInput.Lost(lost.WorkerId)); break;
            case EvaluateRun evaluate: Step(new RunInput.EvaluationWanted(World.NextClient(), evaluate)); break;
        }
    }

    /// <summary>The end of a node is told to whoever watches it, also when it had ended before.</summary>
    private void Watch(WorkerId worker)
    {
        if (!node.Membership.View.Has(NodeId.Parse(worker.Value)))
        {
            node.After(TimeSpan.FromSeconds(10), () =>
            {
                if (!node.Membership.View.Has(NodeId.Parse(worker.Value)))
                {
                    Lose(worker);
                }
            });
        }
    }

    public void Tick() => Step(new RunInput.Ticked());

    public void Lose(WorkerId worker) => Step(new RunInput.Lost(worker));

    /// <summary>The node leaves: the run is for another coordinator.</summary>
    public void GiveBack()
    {
        if (State is null)
        {
            node.Ended();
        }
        else
        {
            Step(new RunInput.EndWanted(RunStatus.Queued));
        }
    }

    public void Fetched(BlobId gradient, ReadOnlyMemory<byte>? bytes, string? reason) =>
        Step(bytes is { } here ? new RunInput.GradientFetched(gradient, here) : new RunInput.GradientMissed(gradient, reason!));

    /// <summary>The actor of the run ends, whatever it was at.</summary>
    public void Stop()
    {
        _isOver = true;
        _calls.Clear();
        _offered.ForEach(node.Blobs.Release);
        _offered.Clear();
        if (State is { Stage: not RunStage.Over })
        {
            node.Workforce.Take(new RunLeft(World.RunId));
        }
    }

    /// <summary>For people: where it stands.</summary>
    public override string ToString() => State is null ? "is being claimed" : $"{State.Stage.GetType().Name} of epoch {_epoch}, {State.Progress.State.Iteration} complete, "
        + $"waits for {State.Waiting ?? "nothing"}, validation due: {State.Progress.IsValidationDue}, {State.Evaluations.All.Count} evaluations, "
        + $"unfetched {State.Unfetched.Count}, workers {string.Join(", ", State.Progress.Lanes.Workers.Select(worker => $"{worker.Key} busy {worker.Value.Busy.Count} of {worker.Value.Lanes}"))}, "
        + $"blocks {string.Join(", ", State.Progress.Round.Blocks.Select(block => $"{block.Block.Index}: {(block.IsSettled ? "settled" : $"{block.Leases.Length} leases, {block.Failures.Length} failures, {block.Expired.Length} expired, {block.Votes.Length} votes")}"))}";

    private void Step(RunInput input)
    {
        if (State is null || _isOver)
        {
            return;
        }

        RunState before = State;
        (State, ImmutableArray<RunEffect> effects) = RunMachine.Step(before, input, node.Simulator.Now);
        World.Promises.Stepped(Owner, before, State, node.Fetches);
        foreach (BlockJudged judged in effects.OfType<RunEffect.ToWorker>().Select(tell => tell.Message).OfType<BlockJudged>())
        {
            if (judged.Verdict == BlockVerdict.Counted)
            {
                Promises.Counted(Owner, before.Progress.Round.Iteration, judged.Lease);
            }
        }

        Carry(effects);
    }

    private void Carry(ImmutableArray<RunEffect> effects)
    {
        foreach (RunEffect effect in effects)
        {
            Carry(effect);
        }
    }

    private void Carry(RunEffect effect)
    {
        switch (effect)
        {
            case RunEffect.ToWorker tell: Tell(tell.Worker, tell.Message); break;
            case RunEffect.ToWorkforce tell: node.Workforce.Take(tell.Message); break;
            case RunEffect.Reply reply: World.Promises.Answered(reply.Answer); break;
            case RunEffect.Offer offer: _offered.Add(node.Blobs.Put(offer.Parameters.Bytes.ToArray())); break;
            case RunEffect.Withdraw withdraw:
                Promises.Check(_offered.Remove(withdraw.Parameters), $"I7: {Owner} withdraws parameters that it does not offer");
                node.Blobs.Release(withdraw.Parameters);
                break;
            case RunEffect.FetchGradient fetch: node.Fetch(fetch.Gradient, fetch.Holder); break;
            case RunEffect.Commit commit: Commit(commit.Group); break;
            case RunEffect.FlushJournal when !_isCalling:
                Call(() => Store.Append(_epoch), answer => Hear(answer, new RunInput.JournalFlushed(null), new RunInput.JournalFlushed("the store is broken")));
                break;
            case RunEffect.Renew: Store.Call(node, () => Store.Renew(_epoch), answer => Hear(answer, new RunInput.Renewed(null), new RunInput.Renewed("the store is broken"))); break;
            case RunEffect.Release release:
                Call(() => Store.Release(_epoch, release.Status), answer => Hear(answer, new RunInput.Released(null), new RunInput.Released("the store is broken")));
                break;
            case RunEffect.Publish publish: World.Promises.Published(Owner, publish.Snapshot); break;
            case RunEffect.ExportQuarantined or RunEffect.ExportDiverged:
                Promises.Check(false, $"I4: {Owner} gives a block up, although nobody computes wrongly");
                break;
            case RunEffect.End end:
                node.Simulator.Note($"{Owner} has ended: {end.Status?.ToString() ?? "taken over"} at iteration {end.Iteration}");
                World.TookOver += end.Status is null ? 1 : 0;
                node.Ended();
                break;
        }
    }

    private void Tell(WorkerId id, IControlMessage message)
    {
        NodeId to = NodeId.Parse(id.Value);
        SimulatedWorker worker = (SimulatedWorker)World.NodeOf(to);
        WorkerInput input = message is BlockLeased lease ? new WorkerInput.Leased(lease) : new WorkerInput.Judged((BlockJudged)message);
        World.Network.Send(node, worker, to.Life, () => worker.Take(input));
    }

    private void Commit(CommitGroup group)
    {
        int[] iterations = [.. group.Steps.Where(step => step.Metrics is not null).Select(step => step.Metrics!.Iteration)];
        Call(
            () => Store.Commit(_epoch, group.Number, group.State, iterations),
            answer =>
            {
                node.Simulator.Note($"{Owner}: commit {group.Number} to {group.State.Iteration}: {answer?.ToString() ?? "no answer"}");
                Hear(answer, new RunInput.Committed(null), new RunInput.CommitFailed("the store is broken"));
            });
    }

    private void Hear(StoreAnswer? answer, RunInput done, RunInput failed) => Step(
        answer switch { StoreAnswer.Done => done, StoreAnswer.Fenced => new RunInput.Fenced("another coordinator has it"), _ => failed });

    /// <summary>Calls of an owner to the store follow each other.</summary>
    private void Call(Func<StoreAnswer> operation, Action<StoreAnswer?> answered)
    {
        _calls.Enqueue(() => Store.Call(node, operation, answer =>
        {
            _isCalling = false;
            if (!_isOver)
            {
                answered(answer);
                CallNext();
            }
        }));
        CallNext();
    }

    private void CallNext()
    {
        if (!_isCalling && _calls.TryDequeue(out Action? call))
        {
            _isCalling = true;
            call();
        }
    }
}
