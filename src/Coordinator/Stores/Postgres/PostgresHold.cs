using System.Collections.Immutable;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Stores.Postgres;

/// <summary>
/// A claimed run in the database. Every statement names the epoch, so a former owner can change nothing; only the database
/// knows what was carried out.
/// </summary>
internal sealed class PostgresHold(PostgresStore store, string runId, long epoch, MetaState? state, ImmutableArray<string> ignored) : IRunHold, IRunHeartbeat
{
    /// <summary>The id of this process in the database.</summary>
    public static Guid OwnerId { get; } = Guid.NewGuid();

    // Epochs begin anew when a run is deleted and its name used again, so they alone do not tell two owners apart.
    private static readonly string Owned = $"run_id = $1 AND epoch = $2 AND owner_id = '{OwnerId}'";
    private static readonly string OwnedOrGivenBack = $"run_id = $1 AND epoch = $2 AND (owner_id IS NULL OR owner_id = '{OwnerId}')";

    // One statement, and so one transaction: everything is written only if the run's row has this epoch and the commit is the
    // next one. The row is locked first, and holds the number of journal lines that are stored.
    private static readonly string CommitSql = $"""
        WITH owned AS (
          SELECT run_id, journal_lines FROM metamap_run WHERE {Owned} AND journal_lines >= $3 - 1 AND commits = $5 - 1 FOR UPDATE),
        fenced AS (
          UPDATE metamap_run r SET journal_lines = {LinesSql}, commits = $5, iteration = $6, renewed = clock_timestamp()
          FROM owned WHERE r.run_id = owned.run_id RETURNING owned.run_id, owned.journal_lines),
        {JournalSql},
        state AS (INSERT INTO metamap_state (run_id, iteration, content) SELECT run_id, $6, $7 FROM fenced
          ON CONFLICT (run_id, iteration) DO UPDATE SET content = excluded.content),
        kept AS (INSERT INTO metamap_state (run_id, iteration, content) SELECT run_id, k.iteration, k.content FROM fenced, unnest($12::int[], $13::bytea[]) AS k(iteration, content)
          ON CONFLICT (run_id, iteration) DO UPDATE SET content = excluded.content),
        old AS (DELETE FROM metamap_state WHERE run_id IN (SELECT run_id FROM fenced) AND ($11 = 0 OR iteration = 0 OR iteration % nullif($11, 0) <> 0) AND iteration IN (
          SELECT iteration FROM metamap_state WHERE run_id = $1 AND iteration <> $6 ORDER BY iteration DESC OFFSET $8)),
        measures AS (INSERT INTO metamap_measure (run_id, iteration, line)
          SELECT run_id, m.iteration, m.line FROM fenced, unnest($9::int[], $10::text[]) WITH ORDINALITY AS m(iteration, line, n) ORDER BY n)
        SELECT count(*) FROM fenced
        """;

    private static readonly string AppendSql = $"""
        WITH owned AS (
          SELECT run_id, journal_lines FROM metamap_run WHERE {Owned} AND journal_lines >= $3 - 1 FOR UPDATE),
        fenced AS (
          UPDATE metamap_run r SET journal_lines = {LinesSql}
          FROM owned WHERE r.run_id = owned.run_id RETURNING owned.run_id, owned.journal_lines),
        {JournalSql}
        SELECT count(*) FROM fenced
        """;

    // The lines $4, of which the first has number $3, without those that are already stored.
    private const string JournalSql = """
        journal AS (INSERT INTO metamap_journal (run_id, line)
          SELECT run_id, j.line FROM fenced, unnest($4::text[]) WITH ORDINALITY AS j(line, n) WHERE $3 - 1 + j.n > journal_lines ORDER BY n)
        """;

    private const string LinesSql = "greatest(r.journal_lines, $3 - 1 + cardinality($4::text[]))";

    public string Location => $"{store.Location}/{runId}";

    public long Epoch => epoch;

    public MetaState? State => state;

    public ImmutableArray<string> Ignored => ignored;

    public IRunHeartbeat Heartbeat => this;

    public async Task<string?> Commit(RunCommit commit)
    {
        object? rows = await store.Scalar(
            CommitSql, runId, epoch, commit.Facts.First, commit.Facts.Lines.AddRange(commit.Committed.Lines).ToArray(),
            commit.Number, commit.State.Iteration, Checkpoint.Encode(commit.State), store.Kept.Newest - 1,
            commit.Measures.Select(line => line.Iteration).ToArray(), commit.Measures.Select(line => line.Json).ToArray(),
            store.Kept.Every, commit.Kept.Select(state => state.Iteration).ToArray(), commit.Kept.Select(Checkpoint.Encode).ToArray()).ConfigureAwait(false);
        if (rows is 0L && await Stored("commits").ConfigureAwait(false) is int commits && commits != commit.Number)
        {
            throw new InvalidOperationException($"Commit {commit.Number} of {Location} was to follow commit {commits}, with the journal from line {commit.Facts.First} on.");
        }

        return null;
    }

    public async Task AppendJournal(JournalLines lines)
    {
        object? rows = await store.Scalar(AppendSql, runId, epoch, lines.First, lines.Lines.ToArray()).ConfigureAwait(false);
        if (rows is 0L)
        {
            _ = lines.After((long)await Stored("journal_lines").ConfigureAwait(false));
        }
    }

    public async Task Renew() =>
        Check(await store.Execute($"UPDATE metamap_run SET renewed = clock_timestamp() WHERE {OwnedOrGivenBack}", runId, epoch).ConfigureAwait(false));

    public async Task Release(RunStatus status, string? problem) => Check(await store.Execute(
        $"UPDATE metamap_run SET owner = NULL, owner_id = NULL, phase = coalesce($3, phase), problem = CASE WHEN $3 IS NULL THEN problem ELSE $4 END WHERE {OwnedOrGivenBack}",
        runId, epoch, status == RunStatus.Queued ? null : StoredStatus.Write(status), problem).ConfigureAwait(false));

    /// <summary>A counter that the database keeps for this claim.</summary>
    /// <exception cref="FencedException">The run is another claim's.</exception>
    private async Task<object> Stored(string column) =>
        await store.Scalar($"SELECT {column} FROM metamap_run WHERE {Owned}", runId, epoch).ConfigureAwait(false) ?? throw Fenced();

    private void Check(int rows)
    {
        if (rows == 0)
        {
            throw Fenced();
        }
    }

    private FencedException Fenced() =>
        new($"Run {runId} in {store.Location} was taken over by another coordinator, or deleted (this node had epoch {epoch}).");
}
