using System.Collections.Immutable;
using MetaMap.Core;

namespace MetaMap.Chaos.Schedule;

/// <summary>The faults of a chaos run: a pure function of the seed and the plan, so that a failure can be repeated.</summary>
internal static class ChaosSchedule
{
    /// <summary>Draws all faults, in the order of time. Nobody is in trouble at the end of the plan.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="plan">What may happen.</param>
    public static ImmutableArray<Fault> Draw(long seed, ChaosPlan plan)
    {
        DeterministicRandom random = DeterministicRandom.For("chaos", seed);
        World world = World.Of(plan.Coordinators, plan.Workers);
        ImmutableArray<Fault>.Builder faults = ImmutableArray.CreateBuilder<Fault>();
        for (TimeSpan now = Between(ref random, plan.Gap / 2, plan.Gap); now < plan.Duration; now += Between(ref random, plan.Gap / 4, plan.Gap * 1.75))
        {
            NodeRole role = random.NextInt(100) < plan.CoordinatorPercent ? NodeRole.Coordinator : NodeRole.Worker;
            ImmutableArray<NodeName> sound = world.Sound(role, now);
            ImmutableArray<FaultKind> kinds = plan.Kinds(role);
            FaultKind kind = kinds[random.NextInt(kinds.Length)];
            foreach (NodeName victim in Victims(ref random, kind, role, sound, world.Nodes(role).Count()))
            {
                (TimeSpan least, TimeSpan most) = plan.Lasting(kind, role);
                Fault fault = new(now, kind, victim, Between(ref random, least, most));
                if (fault.Until <= plan.Duration)
                {
                    world = world.With(fault);
                    faults.Add(fault);
                }
            }
        }

        return faults.ToImmutable();
    }

    /// <summary>One node; now and then, when a kill is due, all workers but one or all coordinators. A minority of several coordinators otherwise.</summary>
    private static ImmutableArray<NodeName> Victims(ref DeterministicRandom random, FaultKind kind, NodeRole role, ImmutableArray<NodeName> sound, int all)
    {
        bool isMassacre = kind == FaultKind.Kill && random.NextInt(4) == 0;
        int first = random.NextInt(Math.Max(1, sound.Length));
        if (sound.IsEmpty)
        {
            return [];
        }

        if (isMassacre)
        {
            return role == NodeRole.Coordinator ? sound : [.. sound.Where((_, i) => i != first)];
        }

        int troubled = all - sound.Length;
        return role == NodeRole.Coordinator && all > 1 && troubled + 1 > (all - 1) / 2 ? [] : [sound[first]];
    }

    private static TimeSpan Between(ref DeterministicRandom random, TimeSpan from, TimeSpan to) =>
        TimeSpan.FromMilliseconds(Math.Round(random.NextDouble(from.TotalMilliseconds, to.TotalMilliseconds)));
}

/// <summary>What may happen in a chaos run.</summary>
/// <param name="Duration">Faults begin and end within it.</param>
/// <param name="Coordinators">1 or 3.</param>
/// <param name="Workers">1 or more.</param>
/// <param name="LinkFaults">What can be done to a link of each role.</param>
internal sealed record ChaosPlan(TimeSpan Duration, int Coordinators, int Workers, ImmutableDictionary<NodeRole, ImmutableArray<FaultKind>> LinkFaults)
{
    /// <summary>Mean time between faults. Default 4 seconds.</summary>
    public TimeSpan Gap { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Share of the faults that coordinators get. Default 20%: each costs a restart and a replay.</summary>
    public int CoordinatorPercent { get; init; } = 20;

    /// <summary>What can be done to nodes of a role.</summary>
    public ImmutableArray<FaultKind> Kinds(NodeRole role) =>
    [
        FaultKind.Kill, FaultKind.Kill, FaultKind.Kill, FaultKind.Terminate, FaultKind.ShortPause, FaultKind.ShortPause, FaultKind.LongPause,
        .. LinkFaults.GetValueOrDefault(role, []),
    ];

    /// <summary>The least and the most time that a fault lasts; a fifth of the plan at most.</summary>
    public (TimeSpan Least, TimeSpan Most) Lasting(FaultKind kind, NodeRole role)
    {
        (double least, double most) = kind switch
        {
            FaultKind.Kill => (0.2, 6),
            FaultKind.Terminate => (1, 6),
            FaultKind.ShortPause => (0.5, 3),
            FaultKind.LongPause => role == NodeRole.Worker ? (15, 40) : (8, 20),
            FaultKind.Partition => (2, 20),
            FaultKind.Slow or FaultKind.Delay => (4, 20),
            _ => (0, 0),
        };
        double limit = Math.Max(2, Duration.TotalSeconds / 5);
        return (TimeSpan.FromSeconds(Math.Min(least, limit)), TimeSpan.FromSeconds(Math.Min(most, limit)));
    }
}
