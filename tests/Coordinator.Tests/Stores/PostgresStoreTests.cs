using DbUp;
using MetaMap.Coordinator.Stores;
using MetaMap.Coordinator.Stores.Postgres;
using MetaMap.Core;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Rounds;
using Npgsql;

namespace MetaMap.Coordinator.Tests.Stores;

/// <summary>The store's contract against a real PostgreSQL.</summary>
[Trait("Category", "Slow")]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "xunit calls IAsyncLifetime.DisposeAsync.")]
public sealed class PostgresStoreTests(PostgresServer server) : RunStoreContract, IClassFixture<PostgresServer>, IAsyncLifetime
{
    private string _connection = "";
    private PostgresStore? _store;

    private protected override IRunStore Store => _store!;

    public async Task InitializeAsync()
    {
        if (PostgresServer.WhyNot is null)
        {
            _connection = await server.NewDatabase();
            _store = new PostgresStore(_connection, Kept);
            await _store.Open();
        }
    }

    public async Task DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }

    [PostgresTheory]
    [MemberData(nameof(Promises))]
    public Task Store_EveryPromise_IsKept(string promise) => Check(promise);

    [PostgresFact]
    public async Task Open_SeveralCoordinatorsAtOnce_MigrateOnce()
    {
        string connection = await server.NewDatabase();
        PostgresStore[] stores = [.. Enumerable.Range(0, 4).Select(_ => new PostgresStore(connection))];
        await Task.WhenAll(stores.Select(store => store.Open()));
        Assert.Empty(await stores[0].List());
        await Task.WhenAll(stores.Select(store => store.DisposeAsync().AsTask()));
    }

    [PostgresFact]
    public void Location_WithAPassword_DoesNotShowIt() => Assert.DoesNotContain("Password", _store!.Location, StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void Create_NoConnectionString_IsRefusedWithASentence() =>
        Assert.Contains("is no PostgreSQL connection string", Assert.Throws<ConfigurationException>(() => new PostgresStore("Hose=x")).Message, StringComparison.Ordinal);

    [PostgresFact]
    public async Task Claim_OwnerElsewhere_IsRefusedWhileItRenewsAndTakenOverLater()
    {
        await Create();
        await Claim();
        await Execute("UPDATE metamap_run SET owner = 'other', owner_id = gen_random_uuid()");
        Assert.Contains("owned by other, which is alive", (await Assert.ThrowsAsync<OwnedException>(Claim)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<OwnedException>(() => Store.Delete(Name));
        await Execute("UPDATE metamap_run SET renewed = clock_timestamp() - interval '11 seconds'");
        Assert.Equal(2, (await Claim()).Epoch);
    }

    /// <summary>Another coordinator claims the run and commits while this one is in the middle of its claim.</summary>
    [PostgresFact]
    public async Task Claim_OvertakenByAnother_TakesNothingFromIt()
    {
        await Create();
        Task<IRunHold> overtaken;
        await using (NpgsqlConnection connection = new(_connection))
        {
            await connection.OpenAsync();
            await using NpgsqlTransaction other = await connection.BeginTransactionAsync();
            // The claim reads the newest state, and then waits for this table.
            await Execute(connection, "LOCK TABLE metamap_measure IN ACCESS EXCLUSIVE MODE");
            overtaken = Claim();
            await Execute("SELECT 1 FROM pg_locks WHERE relation = 'metamap_measure'::regclass AND NOT granted", untilRows: 1);
            await Execute(connection, "UPDATE metamap_run SET epoch = epoch + 1, iteration = 1");
            await Execute(connection, $"INSERT INTO metamap_state (run_id, iteration, content) VALUES ('{Name}', 1, 'whole')");
            await Execute(connection, $$"""INSERT INTO metamap_measure (run_id, iteration, line) VALUES ('{{Name}}', 1, '{"iteration":1}')""");
            await other.CommitAsync();
        }

        Assert.Contains("was taken over", (await Assert.ThrowsAsync<OwnedException>(() => overtaken)).Message, StringComparison.Ordinal);
        await Execute("SELECT 1 FROM metamap_state WHERE iteration = 1", untilRows: 1);
        Assert.Equal(["""{"iteration":1}"""], await Measures(Name));
        Assert.Equal(1, (await Store.Find(Name))!.Iteration);
    }

    [PostgresFact]
    public async Task Commit_ServerIsGoneForAWhile_FailsWithASentenceAndGoesOnAfterwards()
    {
        await Create();
        IRunHold hold = await Claim();
        await hold.Commit(CommitOf(1, 1));
        await server.Stop();
        StoreException gone = await Assert.ThrowsAsync<StoreException>(() => hold.Commit(CommitOf(2, 2)));
        Assert.StartsWith("The database postgresql://", gone.Message, StringComparison.Ordinal);
        await server.Start();
        await hold.Commit(CommitOf(2, 2));
        await hold.Commit(CommitOf(3, 3));
        Assert.Equal(3, (await Store.Find(Name))!.Iteration);
        Assert.Equal(3, (await Measures(Name)).Count);
        Assert.Equal(6, (await Journal(Name)).Count);
    }

    /// <summary>The connection ends while the server carries a commit out: nobody knows whether it stands.</summary>
    [PostgresFact]
    public async Task Commit_AnswerIsLost_TriedAgainIsCarriedOutOnce()
    {
        await Create();
        IRunHold hold = await Claim();
        await Execute("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1); RETURN NULL; END $$");
        await Execute("CREATE CONSTRAINT TRIGGER slow AFTER UPDATE OF iteration ON metamap_run DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()");
        Task<string?> commit = hold.Commit(CommitOf(1, 1));
        await Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'WITH owned%' AND pid <> pg_backend_pid()", untilRows: 1);
        await Assert.ThrowsAsync<StoreException>(() => commit);
        await Execute("DROP TRIGGER slow ON metamap_run");
        await hold.Commit(CommitOf(1, 1));
        await hold.Commit(CommitOf(1, 1));
        Assert.Equal(["fact of 1", "committed 1"], await Journal(Name));
        Assert.Equal(["""{"iteration":1}"""], await Measures(Name));
    }

    /// <summary>A database that the version before has made and filled.</summary>
    [PostgresFact]
    public async Task Open_DatabaseOfTheVersionBefore_KeepsRunsAndJournals()
    {
        string connection = await server.NewDatabase();
        Assert.True(DeployChanges.To.PostgresqlDatabase(connection).JournalToPostgresqlTable("public", "metamap_migration")
            .WithScript("0001-runs", PostgresSchema.Runs).LogToNowhere().Build().PerformUpgrade().Successful);
        await using (NpgsqlConnection old = new(connection))
        {
            await old.OpenAsync();
            await Execute(old, $$"""
                INSERT INTO metamap_run (run_id, options, weight, min_workers, audit_fraction, phase, is_attended, created)
                  VALUES ('old', '{{RunOptionsJson.Write(TinyRun.Options)}}', 1.5, 2, 0.25, 'Active', false, '2026-11-25T08:00:00Z');
                INSERT INTO metamap_journal (run_id, line) VALUES ('old', 'before')
                """);
        }

        await using PostgresStore store = new(connection);
        await store.Open();
        StoredRun run = Assert.Single(await store.List());
        Assert.Equal((RunStatus.Queued, new RunPolicy(1.5, 2, 0.25)), (run.Status, run.Policy));
        IRunHold hold = await store.Claim("old", TinyRun.Training().Layout);
        await hold.AppendJournal(new JournalLines(1, ["after"]));
        Assert.Equal(["before", "after"], (IEnumerable<string>)await store.Journal("old"));
    }

    /// <summary>Written by a later version, or with a plug-in that this coordinator does not have.</summary>
    [PostgresFact]
    public async Task List_RunThatCannotBeRead_IsLeftOut()
    {
        await Create();
        await Execute($"INSERT INTO metamap_run (run_id, options, policy, phase, is_attended, created) SELECT 'odd', '{{\"of_a_later_version\":1}}', policy, phase, is_attended, created FROM metamap_run");
        Assert.Equal(Name, Assert.Single(await Store.List()).RunId);
        Assert.Null(await Store.Find("odd"));
    }

    /// <summary>A coordinator was paused; meanwhile its run was deleted at another one, which trains a new one of that name.</summary>
    [PostgresFact]
    public async Task Commit_OfARunThatWasDeletedAndBegunAnewElsewhere_IsFencedAndChangesNothing()
    {
        await Create();
        IRunHold former = await Claim();
        await Store.Delete(Name);
        await Create();
        await Claim();
        await Execute("UPDATE metamap_run SET owner = 'other', owner_id = gen_random_uuid()");
        await Assert.ThrowsAsync<FencedException>(() => former.Commit(CommitOf(1, 1)));
        await Assert.ThrowsAsync<FencedException>(() => former.AppendJournal(new JournalLines(1, ["stray"])));
        await Assert.ThrowsAsync<FencedException>(former.Heartbeat.Renew);
        await Assert.ThrowsAsync<FencedException>(() => former.Release(RunStatus.Stopped, null));
        Assert.Equal((0, RunStatus.Training, "other"), ((await Store.Find(Name))!.Iteration, (await Store.Find(Name))!.Status, (await Store.Find(Name))!.Owner));
        Assert.Empty(await Journal(Name));
    }

    /// <summary>Two coordinators cannot see each other, and a client pauses at one what the other trains.</summary>
    [PostgresFact]
    public async Task SetStatus_OwnerElsewhereIsAlive_IsRefused()
    {
        await Create();
        await Claim();
        await Execute("UPDATE metamap_run SET owner = 'other', owner_id = gen_random_uuid()");
        await Assert.ThrowsAsync<OwnedException>(() => Store.SetStatus(Name, RunStatus.Paused, null));
        Assert.Equal(RunStatus.Training, (await Store.Find(Name))!.Status);
        await Execute("UPDATE metamap_run SET renewed = clock_timestamp() - interval '11 seconds'");
        await Store.SetStatus(Name, RunStatus.Paused, null);
        Assert.Equal(RunStatus.Paused, (await Store.Find(Name))!.Status);
    }

    protected override Task Damage(string runId, int iteration) => Execute(
        $"UPDATE metamap_state SET content = set_byte(content, length(content) - 1, get_byte(content, length(content) - 1) # 1) WHERE run_id = '{runId}' AND iteration = {iteration}");

    protected override async Task<IReadOnlyList<string>> Journal(string runId) => await _store!.Journal(runId);

    protected override async Task<IReadOnlyList<string>> Measures(string runId)
    {
        await using NpgsqlConnection connection = new(_connection);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new($"SELECT line FROM metamap_measure WHERE run_id = '{runId}' ORDER BY line_number", connection);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync();
        List<string> lines = [];
        while (await rows.ReadAsync())
        {
            lines.Add(rows.GetString(0));
        }

        return lines;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task Execute(string sql, int untilRows = 0)
    {
        await using NpgsqlConnection connection = new(_connection);
        await connection.OpenAsync();
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        int rows;
        do
        {
            await using NpgsqlCommand command = new(sql, connection);
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(limit.Token);
            rows = 0;
            while (await reader.ReadAsync(limit.Token))
            {
                rows++;
            }
        }
        while (rows < untilRows);
    }
}
