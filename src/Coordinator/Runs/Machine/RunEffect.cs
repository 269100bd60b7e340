using System.Collections.Immutable;
using Akka.Event;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>What a run in training wants done, in the given order. A closed set.</summary>
internal abstract record RunEffect
{
    private RunEffect()
    {
    }

    /// <summary>Send a message to a worker, if it is still known.</summary>
    public sealed record ToWorker(WorkerId Worker, IControlMessage Message) : RunEffect;

    /// <summary>Send a message to the node's workforce.</summary>
    public sealed record ToWorkforce(object Message) : RunEffect;

    /// <summary>Answer the client of <see cref="RunInput.EvaluationWanted"/>.</summary>
    public sealed record Reply(long Client, IControlMessage Answer) : RunEffect;

    /// <summary>Hold parameters for workers; each call adds one hold.</summary>
    public sealed record Offer(ParameterVector Parameters) : RunEffect;

    /// <summary>Remove one hold on these parameters.</summary>
    public sealed record Withdraw(BlobId Parameters) : RunEffect;

    /// <summary>
    /// Fetch a gradient, or add a holder to a fetch in progress. Answered once, by <see cref="RunInput.GradientFetched"/> or
    /// <see cref="RunInput.GradientMissed"/>.
    /// </summary>
    public sealed record FetchGradient(BlobId Gradient, string Holder) : RunEffect;

    /// <summary>Add a line to the journal; the writer sets its time and epoch.</summary>
    public sealed record Note(JournalEntry Entry) : RunEffect;

    /// <summary>Store a group of iterations; a group with the number of the previous one is that group, tried again.</summary>
    public sealed record Commit(CommitGroup Group) : RunEffect;

    /// <summary>Store the journal's lines, if there are any and no other call to the store is in progress.</summary>
    public sealed record FlushJournal : RunEffect;

    /// <summary>Show that the owner is alive. Answered by <see cref="RunInput.Renewed"/>.</summary>
    public sealed record Renew : RunEffect;

    /// <summary>Give the run back, after all earlier calls. Answered by <see cref="RunInput.Released"/>.</summary>
    public sealed record Release(RunStatus Status, string? Reason) : RunEffect;

    /// <summary>Export the episode of a quarantined block for inspection.</summary>
    public sealed record ExportQuarantined(QuarantinedBlock Block) : RunEffect;

    /// <summary>Export the episode at which the run diverged, for inspection. Answered by <see cref="RunInput.DivergedExported"/>.</summary>
    public sealed record ExportDiverged(DivergedException Error) : RunEffect;

    /// <summary>Publish this snapshot on the board.</summary>
    public sealed record Publish(RunSnapshot Snapshot) : RunEffect;

    /// <summary>Remove the run from the board: it is another coordinator's now.</summary>
    public sealed record Unpublish : RunEffect;

    /// <summary>Write to the node's log.</summary>
    public sealed record Log(LogLevel Level, string Template, ImmutableArray<object?> Values) : RunEffect;

    /// <summary>The run is over on this node; nothing follows.</summary>
    /// <param name="Status">The run's status; null when another coordinator has taken it over.</param>
    /// <param name="Iteration">Committed iterations.</param>
    public sealed record End(RunStatus? Status, int Iteration) : RunEffect;
}
