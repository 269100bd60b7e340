using MetaMap.Shared.Messages;

namespace MetaMap.Simulation.Tests;

/// <summary>A coordinator node: its workforce, and the run while the cluster has it here.</summary>
/// <param name="world">Where it lives.</param>
/// <param name="number">From 1.</param>
internal sealed class SimulatedCoordinator(World world, int number) : SimulatedNode(world, $"coordinator-{number}")
{
    private static readonly TimeSpan _keeperInterval = TimeSpan.FromSeconds(2);

    private SimulatedRun? _run;
    private bool _isLeaving;

    public SimulatedWorkforce Workforce { get; private set; } = null!;

    /// <summary>The run, as long as it is trained here.</summary>
    public SimulatedRun? Run => IsUp ? _run : null;

    protected override void OnStart()
    {
        (_run, _isLeaving, Workforce) = (null, false, new SimulatedWorkforce(this));
        Every(TimeSpan.FromSeconds(1), () =>
        {
            Workforce.Look();
            _run?.Tick();
            if (Simulator.Chance(0.2))
            {
                HandOver();
            }
        });
        Every(_keeperInterval, Keep);
    }

    public override void OnView(ClusterView before, ClusterView after)
    {
        foreach (ClusterMember gone in before.Present.Where(member => !member.IsCoordinator && !after.Has(member.Id)))
        {
            _run?.Lose(new WorkerId(gone.Id.ToString()));
        }

        HandOver();
    }

    /// <summary>Where the cluster has moved the run to another node, it stops it here without asking it.</summary>
    private void HandOver()
    {
        if (_run is not null && World.HomeOf(Membership.View) != Id)
        {
            Simulator.Note($"{Id} hands the run over");
            World.Moves++;
            EndRun();
        }
    }

    public override void OnCutOff(NodeId by)
    {
        if (Membership.View.Find(by) is { IsCoordinator: true, Phase: not MemberPhase.Gone })
        {
            Membership.Leave();
        }
    }

    /// <summary>A message to the run has come to this node.</summary>
    public void Receive(IRunMessage message)
    {
        if (message is CommandRun)
        {
            if (World.HomeOf(Membership.View) == Id)
            {
                TakeUp();
            }
        }
        else
        {
            _run?.Receive(message);
        }
    }

    /// <summary>The node is told to end: it gives the run back, and leaves.</summary>
    public void Leave()
    {
        _isLeaving = true;
        if (_run is not null)
        {
            _run.GiveBack();
        }
        else
        {
            Membership.Leave();
        }
    }

    /// <summary>The run has ended here.</summary>
    public void Ended()
    {
        EndRun();
        if (_isLeaving)
        {
            Membership.Leave();
        }
    }

    public override string ToString() => $"{Id} sees {string.Join(", ", Membership.View.Present.Select(member => $"{member.Id} {member.Phase}"))}; run: {_run}";

    public new void Fetch(BlobId blob, string holder) => base.Fetch(blob, holder);

    protected override void OnFetched(BlobId blob, ReadOnlyMemory<byte>? bytes, string? reason) => _run?.Fetched(blob, bytes, reason);

    private void EndRun()
    {
        _run?.Stop();
        _run = null;
        EndFetches();
    }

    /// <summary>Every coordinator looks after runs that nobody trains.</summary>
    private void Keep() => World.Store.Call(this, () => !World.Store.IsFinished, isWanted =>
    {
        if (isWanted == true)
        {
            World.TellRun(this, new CommandRun(World.RunId, RunCommand.TakeUp));
        }
    });

    /// <summary>The cluster errs, and has the run here as well.</summary>
    public void TakeUpAnyhow() => Happen(Life, TakeUp);

    private void TakeUp()
    {
        if (_run is not null || _isLeaving || !Membership.IsMember)
        {
            return;
        }

        _run = new SimulatedRun(this);
        _run.Claim();
    }
}
