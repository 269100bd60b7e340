using System.Collections.Immutable;
using Akka.Actor;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Workers;

/// <summary>A run that wants workers, and which of them take no part in it. Immutable.</summary>
/// <param name="Opened">Its description.</param>
/// <param name="Trainer">Who trains it on this node.</param>
/// <param name="Declined">Workers that take no part, and why.</param>
/// <param name="Told">What the trainer was told last; null for nothing.</param>
internal sealed record OpenRun(RunOpened Opened, IActorRef Trainer, ImmutableDictionary<WorkerId, RunDeclined> Declined, RunStaff? Told)
{
    /// <summary>A run that nobody has declined.</summary>
    public static OpenRun Of(RunOpened opened, IActorRef trainer) => new(opened, trainer, ImmutableDictionary<WorkerId, RunDeclined>.Empty, null);

    /// <summary>A worker takes no part.</summary>
    public OpenRun With(RunDeclined declined) => Declined.GetValueOrDefault(declined.WorkerId) == declined
        ? this : this with { Declined = Declined.SetItem(declined.WorkerId, declined) };

    /// <summary>A worker has left.</summary>
    public OpenRun Without(WorkerId worker) => this with { Declined = Declined.Remove(worker) };

    /// <summary>What the trainer must hear of its workers.</summary>
    /// <param name="workers">Workers of the node that can be reached.</param>
    /// <returns>Null when the trainer knows.</returns>
    public (OpenRun Next, RunStaff? News) Report(IReadOnlyCollection<WorkerId> workers)
    {
        RunStaff staff = new(
            workers.Count(worker => !Declined.ContainsKey(worker)), [.. Declined.Values.OrderBy(declined => declined.WorkerId.Value, StringComparer.Ordinal)]);
        return staff.Others == Told?.Others && staff.Declined.SequenceEqual(Told.Declined) ? (this, null) : (this with { Told = staff }, staff);
    }
}
