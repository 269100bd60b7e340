using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Training;

namespace MetaMap.Coordinator.Stores.Postgres;

/// <summary>A claimed run in the database. Every statement names the epoch, so a former owner changes nothing.</summary>
internal sealed class PostgresHold(PostgresStore store, string runId, long epoch, MetaState? state, ImmutableArray<string> ignored) : IRunHold
{
    // One statement, and so one transaction: the row of the run is updated only if iteration and epoch are still those
    // that the owner knows, and everything else is written only if that row was.
    private const string CommitSql = """
        WITH fenced AS (
          UPDATE metamap_run SET iteration = $4, renewed = clock_timestamp()
          WHERE run_id = $1 AND epoch = $2 AND iteration = $3 RETURNING run_id),
        state AS (INSERT INTO metamap_state (run_id, iteration, content) SELECT run_id, $4, $5 FROM fenced
          ON CONFLICT (run_id, iteration) DO UPDATE SET content = excluded.content),
        old AS (DELETE FROM metamap_state WHERE run_id IN (SELECT run_id FROM fenced) AND iteration IN (
          SELECT iteration FROM metamap_state WHERE run_id = $1 AND iteration <> $4 ORDER BY iteration DESC OFFSET $6)),
        measures AS (INSERT INTO metamap_measure (run_id, iteration, line)
          SELECT run_id, m.iteration, m.line FROM fenced, unnest($7::int[], $8::text[]) WITH ORDINALITY AS m(iteration, line, n) ORDER BY n),
        journal AS (INSERT INTO metamap_journal (run_id, line)
          SELECT run_id, j.line FROM fenced, unnest($9::text[]) WITH ORDINALITY AS j(line, n) ORDER BY n)
        SELECT count(*) FROM fenced
        """;

    private const string Owned = "run_id = $1 AND epoch = $2";

    private readonly List<string> _late = [];
    private RunCommit? _uncertain;

    /// <summary>This process, for people.</summary>
    public static string OwnerName { get; } = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}, process {Environment.ProcessId}");

    /// <summary>This process, for the database.</summary>
    public static Guid OwnerId { get; } = Guid.NewGuid();

    public string Location => $"{store.Location}/{runId}";

    public long Epoch => epoch;

    public MetaState? State => state;

    public ImmutableArray<string> Ignored => ignored;

    public async Task<string?> Commit(RunCommit commit)
    {
        if (_uncertain is { } uncertain)
        {
            commit = await WithoutWhatStands(commit, uncertain).ConfigureAwait(false);
        }

        _uncertain = commit;
        string[] late = [.. _late];
        Check((long)(await store.Scalar(
            CommitSql, runId, epoch, commit.Previous, commit.State.Iteration, Checkpoint.Encode(commit.State), RunDirectory.KeptCheckpoints - 1,
            commit.Lines.Select(line => line.Iteration).ToArray(), commit.Lines.Select(line => line.Json).ToArray(),
            late.Concat(commit.Journal).Concat(commit.CommittedJournal).ToArray()).ConfigureAwait(false) ?? 0L));
        _uncertain = null;
        _late.Clear();
        return null;
    }

    // The answer to a commit was lost: it may have been carried out. The next one begins with what it held.
    private async Task<RunCommit> WithoutWhatStands(RunCommit commit, RunCommit uncertain) =>
        await store.Scalar($"SELECT iteration FROM metamap_run WHERE {Owned}", runId, epoch).ConfigureAwait(false) is int iteration
            && iteration == uncertain.State.Iteration && iteration != uncertain.Previous
            ? commit with
            {
                Previous = iteration,
                Lines = [.. commit.Lines.Skip(uncertain.Lines.Count)],
                Journal = [.. commit.Journal.Skip(uncertain.Journal.Count)],
                CommittedJournal = [.. commit.CommittedJournal.Skip(uncertain.CommittedJournal.Count)],
            }
            : commit;

    public async Task Append(ImmutableArray<string> journal)
    {
        // What cannot be stored now is stored with what comes next.
        _late.AddRange(journal);
        Check((long)(await store.Scalar(
            $"WITH fenced AS (SELECT run_id FROM metamap_run WHERE {Owned} FOR SHARE),"
            + " journal AS (INSERT INTO metamap_journal (run_id, line) SELECT run_id, j.line FROM fenced, unnest($3::text[]) WITH ORDINALITY AS j(line, n) ORDER BY n)"
            + " SELECT count(*) FROM fenced", runId, epoch, _late.ToArray()).ConfigureAwait(false) ?? 0L));
        _late.Clear();
    }

    public async Task Renew() =>
        Check(await store.Execute($"UPDATE metamap_run SET renewed = clock_timestamp() WHERE {Owned}", runId, epoch).ConfigureAwait(false));

    public async Task Release(RunPhase? phase, string? problem) => Check(await store.Execute(
        $"UPDATE metamap_run SET owner = NULL, owner_id = NULL, phase = coalesce($3, phase), problem = CASE WHEN $3 IS NULL THEN problem ELSE $4 END WHERE {Owned}",
        runId, epoch, phase?.ToString(), problem).ConfigureAwait(false));

    private void Check(long rows)
    {
        if (rows == 0)
        {
            throw new FencedException($"Run {runId} in {store.Location} was taken over by another coordinator, or deleted (this node had epoch {epoch}).");
        }
    }
}
