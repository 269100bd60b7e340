using Akka.Event;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>What a run makes of workers that decline it: it goes on with the others, and fails when all of them have and its data is to blame.</summary>
internal static class StaffRules
{
    /// <summary>How long such a run waits for another worker: those of a cluster start one after the other.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    /// <summary>The workforce says who takes no part.</summary>
    public static void Staff(this RunTurn turn, RunStaff staff)
    {
        RunDeclined? latest = staff.Declined.FirstOrDefault(declined => !turn.Progress.Staff.Declined.Contains(declined));
        turn.State = turn.State with { ForsakenSince = staff.IsForsaken ? turn.State.ForsakenSince ?? turn.Now : null };
        turn.Advance(turn.Progress with
        {
            Staff = staff, LastRefusal = latest is null ? turn.Progress.LastRefusal : $"worker {latest.WorkerId} takes no part: {latest.Reason}",
        });
    }

    /// <summary>Ends a run that nobody can compute because of its data.</summary>
    public static void EndIfForsaken(this RunTurn turn)
    {
        if (turn.State is not { Stage: RunStage.Training, ForsakenSince: { } since } || turn.Now - since < _patience)
        {
            return;
        }

        string reason = $"Nobody can compute run {turn.RunId}: {turn.Progress.Staff.Why!.TrimEnd('.')}. Mend the data, then resume the run.";
        turn.Log(LogLevel.ErrorLevel, "{Reason}", reason);
        turn.End(RunStatus.Failed, reason);
    }
}
