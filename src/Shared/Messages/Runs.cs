using MetaMap.Training.Rounds;

namespace MetaMap.Shared.Messages;

/// <summary>A message for the run entity that <see cref="RunId"/> names; routed by cluster sharding.</summary>
public interface IRunMessage : IControlMessage
{
    /// <summary>The run.</summary>
    RunId RunId { get; }
}

/// <summary>Marks messages that travel by the Hyperion control serializer. Its closed allow-list is every sealed type that implements this, and their fields' types.</summary>
public interface IControlMessage;

/// <summary>Client to run: begin (or continue) training.</summary>
/// <param name="RunId">The run.</param>
/// <param name="OptionsJson">The given ones of <c>RunOptions</c>, as JSON; others are those of the stored run that goes on, or the defaults.</param>
/// <param name="Resume">Continue from the latest committed state, if the run is stored, instead of starting afresh.</param>
/// <param name="IsAttended">The client stays and stops the run itself: without the client, no coordinator takes the run up.</param>
/// <param name="Policy">How it shares the cluster.</param>
/// <param name="DataPath">Its data, by the path from the folder of data of each node; null for all that the nodes were given, and for what a stored run names.</param>
public sealed record StartRun(RunId RunId, string OptionsJson, bool Resume, bool IsAttended, RunPolicy Policy, string? DataPath = null) : IRunMessage;

/// <summary>The state of a run. Runs in the first two states are trained or to be trained; a store keeps one word for both.</summary>
public enum RunStatus
{
    /// <summary>Waits until a coordinator takes it up: others are ahead of it, or its coordinator has left.</summary>
    Queued,

    /// <summary>Iterations are being computed (or wait for workers).</summary>
    Training,

    /// <summary>Paused by a user, until a user resumes it.</summary>
    Paused,

    /// <summary>All iterations are committed.</summary>
    Finished,

    /// <summary>Stopped by a user; can be resumed.</summary>
    Stopped,

    /// <summary>Cannot go on; can be resumed once the cause is fixed.</summary>
    Failed,

    /// <summary>Nothing of the run is stored any more.</summary>
    Deleted,
}

/// <summary>What users and coordinators can ask of an existing run.</summary>
public enum RunCommand
{
    /// <summary>Finish what is complete, commit it, and wait until <see cref="Resume"/>.</summary>
    Pause,

    /// <summary>Go on after a pause, a stop or a failure.</summary>
    Resume,

    /// <summary>Finish what is complete, commit it with the model, and end.</summary>
    Stop,

    /// <summary>Stop, and delete everything that was stored.</summary>
    Delete,

    /// <summary>From a coordinator: it is the run's turn, claim and train it. Not answered.</summary>
    TakeUp,

    /// <summary>From a coordinator that is leaving: commit and give the run back, for another one to take up.</summary>
    Release,
}

/// <summary>Client or coordinator to run: a command. Answered by <see cref="RunChanged"/> or <see cref="RunRefused"/>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Command">What is wanted.</param>
public sealed record CommandRun(RunId RunId, RunCommand Command) : IRunMessage;

/// <summary>Run to client: a command was carried out.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Status">The state of the run now.</param>
/// <param name="Iteration">Committed iterations.</param>
public sealed record RunChanged(RunId RunId, RunStatus Status, int Iteration) : IControlMessage;

/// <summary>Run to client: <see cref="StartRun"/> was carried out.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Iteration">Committed iterations so far.</param>
public sealed record RunStarted(RunId RunId, int Iteration) : IControlMessage;

/// <summary>Run to client: a command was refused.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Reason">A readable sentence.</param>
public sealed record RunRefused(RunId RunId, string Reason) : IControlMessage;
