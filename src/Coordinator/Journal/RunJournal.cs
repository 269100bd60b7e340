using MetaMap.Core.Rounds;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Journal;

/// <summary>Gathers the journal lines of an owner until they are stored. Owned by one actor.</summary>
/// <param name="epoch">Of the claim.</param>
/// <param name="time">Clock of the lines.</param>
public sealed class RunJournal(long epoch, TimeProvider time)
{
    private List<string> _lines = [];

    /// <summary>True while there is something to store.</summary>
    public bool HasLines => _lines.Count > 0;

    /// <summary>The run is claimed.</summary>
    /// <param name="iteration">Newest committed iteration.</param>
    /// <param name="reason">What was passed over on the way; null when nothing.</param>
    public void Claimed(int iteration, string? reason) =>
        Add(Entry(JournalEvent.Claimed, iteration) with { Worker = Environment.MachineName, Reason = reason });

    /// <summary>A worker begins to work for the run.</summary>
    public void Joined(int iteration, WorkerId worker, string kernels) =>
        Add(Entry(JournalEvent.Joined, iteration) with { Worker = worker.Value, Reason = $"convolutions: {kernels}" });

    /// <summary>A round begins.</summary>
    public void Opened(MetaRound round) => Add(Entry(JournalEvent.Opened, round.Iteration) with
    {
        Blocks = round.Blocks.Length, Parameters = round.Parameters.Sha256,
    });

    /// <summary>A block is leased.</summary>
    public void Leased(int iteration, int block, int attempt, WorkerId worker) =>
        Add(Entry(JournalEvent.Leased, iteration) with { Block = block, Attempt = attempt, Worker = worker.Value });

    /// <summary>A result was judged.</summary>
    public void Judged(BlockAdapted result, string verdict, string? reason)
    {
        bool isCounted = verdict == nameof(BlockVerdict.Counted);
        Add(Entry(isCounted ? JournalEvent.Counted : JournalEvent.Refused, result.Iteration) with
        {
            Block = result.BlockIndex, Attempt = result.Attempt, Worker = result.WorkerId.Value,
            Sha256 = isCounted ? result.Gradient.Sha256 : null, Parameters = isCounted ? result.Parameters.Sha256 : null,
            Verdict = isCounted ? null : verdict, Reason = isCounted ? null : reason,
        });
    }

    /// <summary>A worker could not compute a block.</summary>
    public void Failed(BlockFailed failed) => Add(Entry(JournalEvent.Refused, failed.Iteration) with
    {
        Block = failed.BlockIndex, Attempt = failed.Attempt, Worker = failed.WorkerId.Value, Verdict = "Failed", Reason = failed.Reason,
    });

    /// <summary>A worker gave a lease back.</summary>
    public void Returned(BlockReturned returned) => Add(Entry(JournalEvent.Refused, returned.Iteration) with
    {
        Block = returned.BlockIndex, Attempt = returned.Attempt, Worker = returned.WorkerId.Value, Verdict = "Returned", Reason = returned.Reason,
    });

    /// <summary>Results of excluded workers count no longer: names the blocks that are open again.</summary>
    /// <param name="before">The round before the exclusion.</param>
    /// <param name="after">The same round after it.</param>
    public void Dropped(MetaRound before, MetaRound after)
    {
        foreach ((BlockProgress was, BlockProgress now) in before.Blocks.Zip(after.Blocks).Where(pair => pair is { First.Result: not null, Second.Result: null }))
        {
            Add(Entry(JournalEvent.Dropped, after.Iteration) with
            {
                Block = was.Block.Index, Worker = was.CountedFrom, Reason = after.ExcludedWorkers.GetValueOrDefault(was.CountedFrom ?? ""),
            });
        }
    }

    /// <summary>A block does not count in the iteration that is about to be committed.</summary>
    public void Quarantined(QuarantinedBlock block) =>
        Add(Entry(JournalEvent.Quarantined, block.Iteration) with { Block = block.BlockIndex, Reason = block.Reason });

    /// <summary>A round is complete: names the blocks that do not count.</summary>
    public void Completed(MetaRound round)
    {
        foreach (BlockProgress block in round.Blocks.Where(block => block.Result is null))
        {
            Add(Entry(JournalEvent.Excluded, round.Iteration) with { Block = block.Block.Index });
        }
    }

    /// <summary>The line of a commit, to be stored with it.</summary>
    /// <param name="iteration">The iteration.</param>
    /// <param name="parametersSha256">SHA-256 of the parameters after it.</param>
    public string Committed(int iteration, string parametersSha256) => (Entry(JournalEvent.Committed, iteration) with { Sha256 = parametersSha256 }).ToJson();

    /// <summary>The run is given back.</summary>
    public void Released(int iteration, string? reason) => Add(Entry(JournalEvent.Released, iteration) with { Reason = reason });

    /// <summary>All lines so far, in order; they are the caller's now.</summary>
    public IReadOnlyList<string> Take()
    {
        List<string> taken = _lines;
        _lines = [];
        return taken;
    }

    private JournalEntry Entry(JournalEvent what, int iteration) => new(time.GetUtcNow(), epoch, what, iteration);

    private void Add(JournalEntry entry) => _lines.Add(entry.ToJson());
}
