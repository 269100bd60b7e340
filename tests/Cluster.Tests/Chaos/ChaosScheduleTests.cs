using System.Collections.Immutable;
using CsCheck;
using MetaMap.Chaos.Schedule;
using MetaMap.Testing;

namespace MetaMap.Cluster.Tests.Chaos;

public sealed class ChaosScheduleTests
{
    private static readonly ImmutableDictionary<NodeRole, ImmutableArray<FaultKind>> _links = ImmutableDictionary<NodeRole, ImmutableArray<FaultKind>>.Empty
        .Add(NodeRole.Coordinator, [FaultKind.Partition, FaultKind.Delay, FaultKind.Reset]).Add(NodeRole.Worker, [FaultKind.Slow]);

    private static readonly Gen<(long Seed, ChaosPlan Plan)> _plans = Gen.Select(
        Gen.Long, Gen.Int[1, 30], Gen.Bool, Gen.Int[2, 9],
        (seed, minutes, alone, workers) => (seed, new ChaosPlan(TimeSpan.FromMinutes(minutes), alone ? 1 : 3, workers, _links)));

    [Fact]
    public void Draw_TheSameSeed_GivesTheSameFaults() => _plans.Repeatable().Sample(
        drawn => ChaosSchedule.Draw(drawn.Seed, drawn.Plan).SequenceEqual(ChaosSchedule.Draw(drawn.Seed, drawn.Plan)), iter: 200);

    [Fact]
    public void Draw_OtherSeeds_GiveOtherFaults()
    {
        ChaosPlan plan = new(TimeSpan.FromMinutes(5), 3, 4, _links);
        Assert.NotEqual(ChaosSchedule.Draw(1, plan), ChaosSchedule.Draw(2, plan));
    }

    [Fact]
    public void Draw_AnyPlan_EveryFaultMeetsASoundNodeAndIsUndoneInTime() => _plans.Repeatable().Sample(
        drawn =>
        {
            World world = World.Of(drawn.Plan.Coordinators, drawn.Plan.Workers);
            TimeSpan before = TimeSpan.Zero;
            foreach (Fault fault in ChaosSchedule.Draw(drawn.Seed, drawn.Plan))
            {
                Assert.True(fault.At >= before && fault.Until <= drawn.Plan.Duration);
                Assert.Contains(fault.Kind, drawn.Plan.Kinds(fault.Node.Role));
                world = world.With(fault); // throws for a node that is in trouble
                before = fault.At;
            }
        },
        iter: 500);

    [Fact]
    public void Draw_ThreeCoordinators_OnlyAKillOfAllTroublesMoreThanOne() => _plans.Where(drawn => drawn.Plan.Coordinators == 3).Repeatable().Sample(
        drawn =>
        {
            Fault[] faults = [.. ChaosSchedule.Draw(drawn.Seed, drawn.Plan).Where(fault => fault.Node.Role == NodeRole.Coordinator)];
            foreach (Fault fault in faults.Where(fault => fault.Kind != FaultKind.Kill))
            {
                Assert.DoesNotContain(faults, other => other != fault && other.At <= fault.At && other.Until > fault.At);
            }
        },
        iter: 200);

    [Fact]
    public void Draw_AnHour_HasEveryKindForEveryRole()
    {
        ChaosPlan plan = new(TimeSpan.FromHours(1), 1, 4, _links);
        ImmutableArray<Fault> faults = ChaosSchedule.Draw(3, plan);
        foreach (NodeRole role in new[] { NodeRole.Coordinator, NodeRole.Worker })
        {
            Assert.Equal(plan.Kinds(role).Distinct().Order(), faults.Where(fault => fault.Node.Role == role).Select(fault => fault.Kind).Distinct().Order());
        }

        Assert.Contains(faults.GroupBy(fault => fault.At), together => together.Count() >= 2); // nearly all workers at once
    }

    [Fact]
    public void With_NodeInTrouble_Throws()
    {
        Fault first = new(TimeSpan.Zero, FaultKind.Kill, new NodeName(NodeRole.Worker, 1), TimeSpan.FromSeconds(5));
        World world = World.Of(1, 2).With(first);
        Assert.Throws<InvalidOperationException>(() => world.With(first with { At = first.Until }));
        Assert.DoesNotContain(first.Node, world.Sound(NodeRole.Worker, first.Until));
        Assert.Contains(first.Node, world.Sound(NodeRole.Worker, first.Until + World.Rest));
    }
}
