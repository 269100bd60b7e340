using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs.Lifecycle;

/// <summary>Who owns a run, from the point of view of this node.</summary>
internal enum RunOwnership
{
    /// <summary>No node owns it.</summary>
    Nobody,

    /// <summary>This node trains it.</summary>
    Here,

    /// <summary>Another node owns it, or owned it when that node was lost.</summary>
    Elsewhere,
}

/// <summary>The effect of a command on a run.</summary>
/// <param name="Status">The new status; unchanged when there is nothing to do, or the command is refused.</param>
/// <param name="Refusal">Why not, as the end of a sentence that begins with the run; null when the command is carried out.</param>
internal readonly record struct RunTransition(RunStatus Status, string? Refusal);

/// <summary>
/// The effects of commands on runs, as one table. The owner matters little here: if this node trains the run, the trainer
/// ends it first; and only the store can tell whether an owner elsewhere is alive, and then it refuses.
/// </summary>
internal static class RunLifecycle
{
    /// <summary>Looks up a command in the table.</summary>
    public static RunTransition After(RunStatus status, RunOwnership owner, RunCommand command) => (command, status, owner) switch
    {
        (_, RunStatus.Deleted, _) => new(status, "is deleted."),

        (RunCommand.Pause, RunStatus.Queued or RunStatus.Training or RunStatus.Paused, _) => new(RunStatus.Paused, null),
        (RunCommand.Pause, _, _) => new(status, $"is {Word(status)}, so there is nothing to pause."),

        (RunCommand.Resume, RunStatus.Finished, _) => new(status, "is finished; `metamap train --resume` with its folder and more --iterations goes on with it."),
        (RunCommand.Resume, RunStatus.Training, RunOwnership.Here) => new(status, null),
        (RunCommand.Resume, _, _) => new(RunStatus.Queued, null),

        (RunCommand.Stop, RunStatus.Finished or RunStatus.Failed, _) => new(status, null),
        (RunCommand.Stop, _, _) => new(RunStatus.Stopped, null),

        (RunCommand.Delete, _, _) => new(RunStatus.Deleted, null),

        (RunCommand.TakeUp, RunStatus.Queued or RunStatus.Training, _) => new(RunStatus.Training, null),
        (RunCommand.TakeUp, _, _) => new(status, $"is {Word(status)}, so nobody takes it up."),

        (RunCommand.Release, RunStatus.Training, RunOwnership.Here) => new(RunStatus.Queued, null),
        (RunCommand.Release, _, _) => new(status, null),

        _ => throw new ArgumentOutOfRangeException(nameof(command), command, null),
    };

    /// <summary>The status as a lower-case word.</summary>
    public static string Word(RunStatus status) => status.ToString().ToLowerInvariant();
}
