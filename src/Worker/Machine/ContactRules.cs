using Akka.Actor;
using Akka.Event;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Machine;

/// <summary>Decides which coordinators a worker registers with, and when it has lost them.</summary>
internal static class ContactRules
{
    /// <summary>A worker that has had no answer from any coordinator for this long has lost the cluster.</summary>
    private static readonly TimeSpan _lostAfter = TimeSpan.FromSeconds(20);

    public static void Meet(this WorkerTurn turn, Address coordinator)
    {
        if (!turn.Contact.Coordinators.Contains(coordinator))
        {
            turn.Contact = turn.Contact with { Coordinators = turn.Contact.Coordinators.Add(coordinator) };
            Register(turn);
        }
    }

    public static void LoseSight(this WorkerTurn turn, Address node) => turn.Contact = turn.Contact with
    {
        Coordinators = turn.Contact.Coordinators.Remove(node), Registered = turn.Contact.Registered.Remove(node),
    };

    public static void BeCutOff(this WorkerTurn turn, Address node)
    {
        if (turn.Contact.Coordinators.Contains(node))
        {
            Lose(turn, $"the coordinator at {node} has removed this node");
        }
    }

    /// <summary>Only a coordinator that has already accepted this worker can have lost it; others just do not know it yet.</summary>
    public static void BeUnknown(this WorkerTurn turn, Address coordinator)
    {
        if (turn.Contact.Registered.Contains(coordinator))
        {
            Lose(turn, $"the coordinator at {coordinator} was started anew");
        }
    }

    public static void BeWelcome(this WorkerTurn turn, Address coordinator)
    {
        if (!turn.Contact.Registered.Contains(coordinator))
        {
            turn.Do(new WorkerEffect.ShowRegistered());
            turn.Log(LogLevel.InfoLevel, "registered with the coordinator at {Address} as {WorkerId}, lanes: {Lanes}", coordinator, turn.Profile.Id, turn.Profile.Lanes);
        }

        turn.Contact = turn.Contact with { Registered = turn.Contact.Registered.Add(coordinator), HeardAt = turn.Now };
    }

    /// <summary>Registers again, shows that the worker is well, and checks whether any coordinator still answers.</summary>
    public static void Tick(this WorkerTurn turn, bool isMember)
    {
        if (!isMember && turn.Departure != Departure.Gone)
        {
            // Finding a coordinator has its own timeout. While joining, this clock runs: if the coordinator dies, nothing else ends the attempt.
            turn.Contact = turn.Contact with { HeardAt = turn.Now };
        }

        Register(turn);
        if (turn.Contact is { Registered.IsEmpty: false, IsLost: false })
        {
            turn.Do(new WorkerEffect.ShowHealth());
            foreach (Address coordinator in turn.Departure == Departure.Gone ? [] : turn.Contact.Registered)
            {
                turn.Do(new WorkerEffect.TellWorkforce(coordinator, new LanesReported(turn.Profile.Id, turn.State.Clock.Times)));
            }
        }

        turn.LeaveUnheard();
        if (turn.Now - turn.Contact.HeardAt >= _lostAfter)
        {
            Lose(turn, $"no coordinator has answered for {_lostAfter.TotalSeconds:0} s");
        }
    }

    private static void Register(WorkerTurn turn)
    {
        WorkerProfile profile = turn.Profile;
        RegisterWorker register = new(
            profile.Id, ProtocolVersion.Current, profile.SoftwareVersion, profile.Lanes, profile.Device, string.Join("; ", turn.State.Kernels));
        foreach (Address coordinator in turn.Departure == Departure.Gone ? [] : turn.Contact.Coordinators)
        {
            turn.Do(new WorkerEffect.TellWorkforce(coordinator, register));
        }
    }

    private static void Lose(WorkerTurn turn, string reason)
    {
        if (!turn.Contact.IsLost)
        {
            turn.Contact = turn.Contact with { IsLost = true };
            turn.Log(LogLevel.WarningLevel, "the cluster is lost: {Reason}", reason);
            turn.Do(new WorkerEffect.JoinAnew(reason));
        }
    }
}
