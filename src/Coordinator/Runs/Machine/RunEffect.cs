using System.Collections.Immutable;
using Akka.Event;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>What a run in training wants done, in this order. A closed set.</summary>
internal abstract record RunEffect
{
    private RunEffect()
    {
    }

    /// <summary>Tell a worker, if it is still known.</summary>
    public sealed record ToWorker(WorkerId Worker, IControlMessage Message) : RunEffect;

    /// <summary>Tell the node's workforce.</summary>
    public sealed record ToWorkforce(object Message) : RunEffect;

    /// <summary>Answer the client of <see cref="RunInput.EvaluationWanted"/>.</summary>
    public sealed record Reply(long Client, IControlMessage Answer) : RunEffect;

    /// <summary>Hold parameters for workers, once more where they are held already.</summary>
    public sealed record Offer(ParameterVector Parameters) : RunEffect;

    /// <summary>Hold these parameters once less.</summary>
    public sealed record Withdraw(BlobId Parameters) : RunEffect;

    /// <summary>Fetch a gradient, or name another holder of one that is being fetched. Answered once, by <see cref="RunInput.GradientFetched"/> or <see cref="RunInput.GradientMissed"/>.</summary>
    public sealed record FetchGradient(BlobId Gradient, string Holder) : RunEffect;

    /// <summary>Add a line to the journal; its time and epoch are those of its writer.</summary>
    public sealed record Note(JournalEntry Entry) : RunEffect;

    /// <summary>Store a group of iterations; one with the number of the group before is that group once more.</summary>
    public sealed record Commit(CommitGroup Group) : RunEffect;

    /// <summary>Store the journal's lines, if there are any that no call to the store under way takes along.</summary>
    public sealed record FlushJournal : RunEffect;

    /// <summary>Show that the owner is alive. Answered by <see cref="RunInput.Renewed"/>.</summary>
    public sealed record Renew : RunEffect;

    /// <summary>Give the run back, after everything before. Answered by <see cref="RunInput.Released"/>.</summary>
    public sealed record Release(RunStatus Status, string? Reason) : RunEffect;

    /// <summary>Leave the episode of a quarantined block to people.</summary>
    public sealed record ExportQuarantined(QuarantinedBlock Block) : RunEffect;

    /// <summary>Leave the episode that the run diverged at to people. Answered by <see cref="RunInput.DivergedExported"/>.</summary>
    public sealed record ExportDiverged(DivergedException Error) : RunEffect;

    /// <summary>Show this to everybody.</summary>
    public sealed record Publish(RunSnapshot Snapshot) : RunEffect;

    /// <summary>Show the run no more: it is another coordinator's.</summary>
    public sealed record Unpublish : RunEffect;

    /// <summary>Write to the node's log.</summary>
    public sealed record Log(LogLevel Level, string Template, ImmutableArray<object?> Values) : RunEffect;

    /// <summary>It is over here; nothing follows.</summary>
    /// <param name="Status">Where the run stands; null when another coordinator has taken it over.</param>
    /// <param name="Iteration">Committed iterations.</param>
    public sealed record End(RunStatus? Status, int Iteration) : RunEffect;
}
