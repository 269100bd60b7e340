using System.Collections.Immutable;
using MetaMap.Shared.Membership;

namespace MetaMap.Simulation.Tests;

/// <summary>
/// A node's part in the cluster's own protocol: it joins by <see cref="SeedPolicy"/>, gossips, suspects whom it does not hear,
/// downs by <see cref="DowningPolicy"/>, and gives its cluster up for another one that it sees. What Akka does is played in few words;
/// what is decided is what real nodes decide.
/// </summary>
/// <param name="node">Whose.</param>
/// <param name="rejoinAttempt">Null at a first start.</param>
internal sealed class SimulatedMembership(SimulatedNode node, int? rejoinAttempt)
{
    /// <summary>A node that was not heard for this long is suspected.</summary>
    private static readonly TimeSpan _acceptableSilence = TimeSpan.FromSeconds(3.5);
    private static readonly TimeSpan _joinTimeout = TimeSpan.FromSeconds(60);

    private readonly Dictionary<NodeId, TimeSpan> _heardAt = [];
    private readonly Dictionary<NodeId, ClusterView> _heard = [];
    private Lasting<NodeId> _silent = Lasting<NodeId>.None;
    private Lasting<string> _answering = Lasting<string>.None;
    private int _ticks;

    public ClusterView View { get; private set; } = ClusterView.None;

    public bool IsMember => View.Has(node.Id);

    /// <summary>Members that this node does not hear at the moment.</summary>
    public IEnumerable<NodeId> Silent => _silent.Since.Keys.Order();

    private World World => node.World;

    private SimulatedNetwork Network => World.Network;

    private IEnumerable<SimulatedNode> OtherSeeds => World.Coordinators.Where(coordinator => coordinator != node);

    /// <summary>Begins to look for a cluster.</summary>
    public void Join()
    {
        bool mayBegin = node.IsCoordinator && SeedPolicy.Order(World.Seeds, SeedOf(node.Id.Name), rejoinAttempt)[0] == SeedOf(node.Id.Name);
        if (mayBegin)
        {
            node.After(TimeSpan.FromSeconds(World.Coordinators.Length == 1 ? 0 : 5), () =>
            {
                if (!IsMember)
                {
                    node.Simulator.Note($"{node.Id} begins a cluster");
                    Become(new ClusterView(ClusterView.None.Members.Add(node.Id, new ClusterMember(node.Id, true, MemberPhase.Up, 1))));
                }
            });
        }

        node.After(_joinTimeout, () =>
        {
            if (!IsMember)
            {
                node.JoinAnew("nobody was found", (rejoinAttempt ?? 0) + 1);
            }
        });
        Seek();
        node.Every(TimeSpan.FromSeconds(1), Tick);
    }

    private void Seek()
    {
        foreach (SimulatedNode seed in IsMember ? [] : OtherSeeds)
        {
            Network.SendSurely(node, seed, seed.Life, () => seed.Membership.Asked(node, node.Life));
        }

        node.After(TimeSpan.FromSeconds(2), Seek);
    }

    /// <summary>Somebody looks for a cluster: a member takes it in.</summary>
    private void Asked(SimulatedNode newcomer, int life)
    {
        if (!IsMember || newcomer.Life != life || View.Find(new NodeId(newcomer.Id.Name, life)) is { Phase: MemberPhase.Gone })
        {
            return;
        }

        Become(View.Join(new NodeId(newcomer.Id.Name, life), newcomer.IsCoordinator));
        ClusterView view = View;
        Network.SendSurely(node, newcomer, life, () =>
        {
            if (!newcomer.Membership.IsMember)
            {
                newcomer.Membership.Become(view);
            }
        });
    }

    private void Tick()
    {
        if (!IsMember)
        {
            return;
        }

        foreach (ClusterMember member in View.Present.Where(member => member.Id != node.Id && (node.IsCoordinator || member.IsCoordinator)))
        {
            Tell(member.Id);
        }

        if (node.IsCoordinator)
        {
            Judge();
        }
    }

    /// <summary>A heartbeat with gossip.</summary>
    private void Tell(NodeId to)
    {
        (NodeId self, ClusterView view, SimulatedNode other) = (node.Id, View, World.NodeOf(to));
        Network.SendSurely(node, other, to.Life, () => other.Membership.Hear(self, view));
    }

    private void Hear(NodeId from, ClusterView view)
    {
        if (!IsMember || View.Find(from) is not { } member)
        {
            return;
        }

        if (member.Phase == MemberPhase.Gone)
        {
            SimulatedNode removed = World.NodeOf(from);
            NodeId self = node.Id;
            Network.SendSurely(node, removed, from.Life, () => removed.OnCutOff(self));
            return;
        }

        _heardAt[from] = node.Simulator.Now;
        if (!ReferenceEquals(_heard.GetValueOrDefault(from), view))
        {
            _heard[from] = view;
            Become(View.Merge(view));
        }
    }

    private void Judge()
    {
        TimeSpan now = node.Simulator.Now;
        ImmutableArray<ClusterMember> present = [.. View.Present];
        foreach (ClusterMember member in present)
        {
            _heardAt.TryAdd(member.Id, now);
        }

        _silent = _silent.Observe(present.Where(member => member.Id != node.Id && now - _heardAt[member.Id] > _acceptableSilence).Select(member => member.Id), now);
        MemberView[] seen = [.. present.Select(member => new MemberView(
            member.Id.Address, member.IsCoordinator, _silent.For(member.Id, now), member.Phase == MemberPhase.Joining))];
        if (DowningPolicy.Decide(node.Id.Address, seen) is { } decision)
        {
            node.Simulator.Note($"{node.Id}: {decision.Reason}");
            World.Downings++;
            Become(View.Remove(present.Where(member => decision.Downed.Contains(member.Id.Address)).Select(member => member.Id)));
            if (!node.IsUp)
            {
                return;
            }
        }

        if (_silent.Since.IsEmpty && View.Present.Any(member => member.Phase == MemberPhase.Joining) && MayLetUp())
        {
            Become(View.LetUp());
        }

        if (World.Coordinators.Length > 1 && ++_ticks % 5 == 0)
        {
            LookForAnotherCluster(now);
        }
    }

    private bool MayLetUp() => View.Find(node.Id)!.Phase == MemberPhase.Up
        || (View.Coordinators.IsEmpty && View.Present.First(member => member.IsCoordinator).Id == node.Id);

    private void LookForAnotherCluster(TimeSpan now)
    {
        string[] members = [.. View.Present.Where(member => member.IsCoordinator).Select(member => SeedOf(member.Id.Name))];
        IEnumerable<string> answering = OtherSeeds.Where(seed => seed.IsUp && Network.Passes(node, seed)).Select(seed => SeedOf(seed.Id.Name));
        (_answering, ImmutableArray<string> others) = SeedPolicy.Judge(World.Seeds, members, answering, _answering, now);
        if (!others.IsEmpty)
        {
            World.Merges++;
            node.Simulator.Note($"{node.Id}: {string.Join(", ", others)} are in another cluster");
            Leave();
        }
    }

    /// <summary>This node removes itself, tells the others, and joins anew.</summary>
    public void Leave()
    {
        if (IsMember)
        {
            Become(View.Remove([node.Id]));
        }
        else
        {
            node.JoinAnew("it was told to", 0);
        }
    }

    private void Become(ClusterView view)
    {
        if (ReferenceEquals(view, View))
        {
            return;
        }

        bool wasMember = IsMember;
        ClusterView before = View;
        View = view;
        if (wasMember && !IsMember)
        {
            foreach (ClusterMember member in View.Present)
            {
                Tell(member.Id);
            }

            node.JoinAnew("it has been removed", 0);
            return;
        }

        node.OnView(before, View);
    }

    private static string SeedOf(string name) => $"{name}:4053";
}
