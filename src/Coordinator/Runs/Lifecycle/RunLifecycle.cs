using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs.Lifecycle;

/// <summary>Who has a run, seen from the node that is asked.</summary>
internal enum RunOwnership
{
    /// <summary>Nobody.</summary>
    Nobody,

    /// <summary>This node trains it.</summary>
    Here,

    /// <summary>Another node has it, or had it when it was lost.</summary>
    Elsewhere,
}

/// <summary>What becomes of a run by a command.</summary>
/// <param name="Status">Where it is to stand; as before when nothing is to be done, or the command is refused.</param>
/// <param name="Refusal">Why not, as the end of a sentence that begins with the run; null when the command is carried out.</param>
internal readonly record struct RunTransition(RunStatus Status, string? Refusal);

/// <summary>
/// What commands do to runs, as one table. Who owns a run decides little here: where this node trains it the trainer ends it
/// first, and whether an owner elsewhere is alive only the store can tell, which refuses then.
/// </summary>
internal static class RunLifecycle
{
    /// <summary>Looks into the table.</summary>
    public static RunTransition After(RunStatus status, RunOwnership owner, RunCommand command) => (command, status, owner) switch
    {
        (_, RunStatus.Deleted, _) => new(status, "is deleted."),

        (RunCommand.Pause, RunStatus.Queued or RunStatus.Training or RunStatus.Paused, _) => new(RunStatus.Paused, null),
        (RunCommand.Pause, _, _) => new(status, $"is {Word(status)}, so there is nothing to pause."),

        (RunCommand.Resume, RunStatus.Finished, _) => new(status, "is finished; start it again with more --iterations and --resume."),
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

    /// <summary>As people read it.</summary>
    public static string Word(RunStatus status) => status.ToString().ToLowerInvariant();
}
