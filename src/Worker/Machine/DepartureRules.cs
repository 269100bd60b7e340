using Akka.Actor;
using Akka.Event;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Machine;

/// <summary>How a worker ends: nothing new is begun, and what was begun is finished or given back.</summary>
internal static class DepartureRules
{
    /// <summary>A coordinator answers every two seconds; of one that has not for this long a worker that leaves expects nothing more.</summary>
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(5);

    public static void Drain(this WorkerTurn turn)
    {
        if (turn.Departure != Departure.None)
        {
            return;
        }

        turn.Departure = Departure.Draining;
        turn.Do(new WorkerEffect.StartGrace(turn.Profile.Grace));
        turn.RequestNoMore();
        turn.Return(held => held.Lane is null, "the worker leaves");
    }

    /// <summary>The grace period is over: unfinished blocks are given back.</summary>
    public static void GiveUp(this WorkerTurn turn)
    {
        turn.Return(_ => true, "the worker leaves, and the block was not done in time");
        Leave(turn);
    }

    /// <summary>A draining worker leaves when every lease is answered and every result judged.</summary>
    public static void LeaveOnceDone(this WorkerTurn turn)
    {
        if (turn.Departure == Departure.Draining && turn.Desk.Held.IsEmpty && turn.Shelf.Held.IsEmpty)
        {
            Leave(turn);
        }
    }

    /// <summary>No coordinator answers: there is no verdict to wait for, and nobody who lets this node go.</summary>
    public static void LeaveUnheard(this WorkerTurn turn)
    {
        if (turn.Departure == Departure.None || turn.Now - turn.Contact.HeardAt < _silence)
        {
            return;
        }

        if (turn.Departure == Departure.Draining)
        {
            turn.Log(LogLevel.WarningLevel, "no coordinator answers, so the worker leaves without a good-bye");
            GiveUp(turn);
        }

        turn.Do(new WorkerEffect.LeaveCluster());
    }

    private static void Leave(WorkerTurn turn)
    {
        if (turn.Departure != Departure.Gone)
        {
            turn.Departure = Departure.Gone;
            foreach (Address coordinator in turn.Contact.Registered)
            {
                turn.Do(new WorkerEffect.TellWorkforce(coordinator, new WorkerLeaving(turn.Profile.Id)));
            }

            turn.Do(new WorkerEffect.Drained());
        }
    }
}
