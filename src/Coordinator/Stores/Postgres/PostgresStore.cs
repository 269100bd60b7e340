using System.Collections.Immutable;
using System.Data.Common;
using System.Net.Sockets;
using System.Text.Json;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;
using Npgsql;

namespace MetaMap.Coordinator.Stores.Postgres;

/// <summary>Stores runs in a PostgreSQL database, for several coordinators: the compare-and-set of a commit is one SQL statement.</summary>
internal sealed class PostgresStore : IRunStore, IAsyncDisposable
{
    // What this process owns does not block it.
    private const string Unowned = "run_id = $1 AND (owner_id IS NULL OR owner_id = $2 OR renewed < clock_timestamp() - $3)";

    private static readonly string Columns = $"""
        run_id, options, policy, input, target_length, training_classes, data, phase, is_attended, created, epoch, iteration, owner, problem,
        ARRAY(SELECT line FROM metamap_measure m WHERE m.run_id = metamap_run.run_id ORDER BY line_number DESC LIMIT {StoredMeasure.Lines}) AS newest
        """;

    private readonly string _connectionString;
    private readonly NpgsqlDataSource _database;

    /// <summary>Creates the store; connects at <see cref="Open"/>.</summary>
    /// <param name="connectionString">As Npgsql takes it: <c>Host=…;Database=…;Username=…</c>. A password may come from the environment (PGPASSWORD) or a file (PGPASSFILE).</param>
    /// <param name="kept">Which versions stay; null for the default.</param>
    /// <exception cref="ConfigurationException">It is not a connection string.</exception>
    public PostgresStore(string connectionString, KeptVersions? kept = null)
    {
        Kept = kept ?? KeptVersions.Default;
        try
        {
            var parts = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "metamap" };
            _connectionString = parts.ConnectionString;
            _database = NpgsqlDataSource.Create(_connectionString);
            Location = $"postgresql://{parts.Host}:{parts.Port}/{parts.Database ?? parts.Username}";
        }
        catch (ArgumentException error)
        {
            throw new ConfigurationException($"--store is no PostgreSQL connection string: {error.Message} Give one such as \"Host=db;Database=metamap;Username=metamap\".", error);
        }
    }

    /// <inheritdoc />
    public string Location { get; }

    /// <summary>Which versions stay.</summary>
    internal KeptVersions Kept { get; }

    /// <summary>True for a text that names a database rather than a folder.</summary>
    public static bool IsConnectionString(string text) => text.Contains('=', StringComparison.Ordinal);

    /// <inheritdoc />
    public Task Open() => Guarded(async () =>
    {
        await PostgresSchema.Migrate(_database, _connectionString).ConfigureAwait(false);
        return true;
    });

    /// <inheritdoc />
    public Task<ImmutableArray<StoredRun>> List() => Select("ORDER BY created, run_id", []);

    /// <inheritdoc />
    public async Task<StoredRun?> Find(string runId) =>
        (await Select("WHERE run_id = $1", [runId]).ConfigureAwait(false)).FirstOrDefault();

    /// <inheritdoc />
    public async Task Create(StoredRun run, MetaState? first = null)
    {
        const string Insert = "INSERT INTO metamap_run (run_id, options, policy, input, target_length, training_classes, data, phase, is_attended, created)"
            + " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
        object?[] values =
        [
            run.RunId, RunOptionsJson.Write(run.Options), Json(run.Policy), run.Shape?.Input.ToString(), run.Shape?.TargetLength,
            run.Shape?.TrainingClasses, run.Data is null ? null : JsonSerializer.Serialize(run.Data, RunOptionsJson.Conventions), StoredStatus.Write(run.Status), run.IsAttended, run.Created,
        ];
        int created = first is null ? await Execute(Insert, values).ConfigureAwait(false)
            : await Execute(
                $"WITH created AS ({Insert} RETURNING run_id) INSERT INTO metamap_state (run_id, iteration, content) SELECT run_id, 0, $11 FROM created",
                [.. values, Checkpoint.Encode(first)]).ConfigureAwait(false);
        if (created == 0)
        {
            throw new ConfigurationException($"{Location} already holds a run {run.RunId}; go on with `metamap run resume {run.RunId}` or choose another name.");
        }
    }

    /// <inheritdoc />
    public Task Queue(string runId, bool isAttended, RunOptions? options = null, RunPolicy? policy = null) => ChangeUnowned(
        runId, "phase = $4, problem = NULL, is_attended = $5, options = coalesce($6, options), policy = coalesce($7, policy)",
        StoredStatus.Write(RunStatus.Queued), isAttended, options is null ? null : RunOptionsJson.Write(options), policy is null ? null : Json(policy));

    /// <inheritdoc />
    public Task SetStatus(string runId, RunStatus status, string? problem) =>
        ChangeUnowned(runId, "phase = $4, problem = $5", StoredStatus.Write(status), problem);

    /// <inheritdoc />
    public async Task<IRunHold> Claim(string runId, ParameterLayout layout)
    {
        object? epoch = await Scalar(
            "UPDATE metamap_run SET epoch = epoch + 1, commits = 0, journal_lines = 0, owner = $4, owner_id = $2, renewed = clock_timestamp()"
            + $" WHERE {Unowned} RETURNING epoch",
            runId, PostgresHold.OwnerId, Ownership.Patience, Ownership.Self).ConfigureAwait(false);
        if (epoch is null)
        {
            throw await Find(runId).ConfigureAwait(false) is { } run ? Owned(run) : new ConfigurationException($"There is no run {runId} in {Location}.");
        }

        (MetaState? state, ImmutableArray<string> ignored) = await Newest(runId, layout).ConfigureAwait(false);
        // Anything newer is damaged, or lines without a state. If another coordinator has claimed the run meanwhile, nothing is changed.
        object? isOwned = await Scalar(
            "WITH fenced AS (UPDATE metamap_run SET iteration = $3 WHERE run_id = $1 AND epoch = $2 RETURNING run_id),"
            + " states AS (DELETE FROM metamap_state WHERE run_id IN (SELECT run_id FROM fenced) AND iteration > $3),"
            + " lines AS (DELETE FROM metamap_measure WHERE run_id IN (SELECT run_id FROM fenced) AND iteration > $3)"
            + " SELECT count(*) FROM fenced",
            runId, (long)epoch, state?.Iteration ?? 0).ConfigureAwait(false);
        if (isOwned is not 1L)
        {
            throw new OwnedException($"Run {runId} in {Location} was taken over by another coordinator while this one claimed it.");
        }

        return new PostgresHold(this, runId, (long)epoch, state, ignored);
    }

    /// <inheritdoc />
    public async Task<MetaState?> Load(string runId, int? iteration, ParameterLayout layout) => iteration is { } version
        ? await Scalar("SELECT content FROM metamap_state WHERE run_id = $1 AND iteration = $2", runId, version).ConfigureAwait(false) is byte[] bytes
            ? Checkpoint.Decode(bytes, layout, $"iteration {version} of run {runId} in {Location}") : null
        : (await Newest(runId, layout).ConfigureAwait(false)).State;

    /// <inheritdoc />
    public Task<ImmutableArray<string>> Measures(string runId, int from, int most) => Read(
        "SELECT line FROM metamap_measure WHERE run_id = $1 AND iteration >= $2 ORDER BY iteration, line_number LIMIT $3", row => row.GetString(0), runId, from, most);

    /// <inheritdoc />
    public Task<ImmutableArray<int>> Versions(string runId) => Read("SELECT iteration FROM metamap_state WHERE run_id = $1 ORDER BY iteration", row => row.GetInt32(0), runId);

    /// <inheritdoc />
    public async Task Delete(string runId)
    {
        await Execute($"DELETE FROM metamap_run WHERE {Unowned}", runId, PostgresHold.OwnerId, Ownership.Patience).ConfigureAwait(false);
        if (await Find(runId).ConfigureAwait(false) is { } run)
        {
            throw Owned(run);
        }
    }

    /// <summary>The journal of a run, in order; empty when there is none.</summary>
    public Task<ImmutableArray<string>> Journal(string runId) =>
        Read("SELECT line FROM metamap_journal WHERE run_id = $1 ORDER BY line_number", row => row.GetString(0), runId);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    /// <summary>Runs a statement.</summary>
    /// <returns>The number of rows that it changed.</returns>
    internal Task<int> Execute(string sql, params object?[] values) => Guarded(async () =>
    {
        await using NpgsqlCommand command = Command(sql, values);
        return await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    });

    /// <summary>Runs a query.</summary>
    /// <returns>The first value of its first row; null when there is no row.</returns>
    internal Task<object?> Scalar(string sql, params object?[] values) => Guarded(async () =>
    {
        await using NpgsqlCommand command = Command(sql, values);
        return await command.ExecuteScalarAsync().ConfigureAwait(false);
    });

    private async Task<(MetaState? State, ImmutableArray<string> Ignored)> Newest(string runId, ParameterLayout layout)
    {
        ImmutableArray<int> kept = await Read("SELECT iteration FROM metamap_state WHERE run_id = $1 ORDER BY iteration DESC", row => row.GetInt32(0), runId).ConfigureAwait(false);
        var ignored = ImmutableArray.CreateBuilder<string>();
        foreach (int iteration in kept)
        {
            try
            {
                return (await Load(runId, iteration, layout).ConfigureAwait(false), ignored.ToImmutable());
            }
            catch (DataException error)
            {
                ignored.Add(error.Message);
            }
        }

        return ignored.Count == 0 ? (null, []) : throw new DataException($"No stored state of run {runId} in {Location} is whole: {string.Join(" ", ignored)}");
    }

    private async Task ChangeUnowned(string runId, string change, params object?[] values)
    {
        if (await Execute($"UPDATE metamap_run SET {change} WHERE {Unowned}", [runId, PostgresHold.OwnerId, Ownership.Patience, .. values]).ConfigureAwait(false) == 0
            && await Find(runId).ConfigureAwait(false) is { } run)
        {
            throw Owned(run);
        }
    }

    private OwnedException Owned(StoredRun run) => new($"Run {run.RunId} in {Location} is owned by {run.Owner}, which is alive; stop it there, or wait until it ends.");

    private async Task<ImmutableArray<StoredRun>> Select(string rest, object?[] values) =>
        [.. (await Read($"SELECT {Columns} FROM metamap_run {rest}", TryRunOf, values).ConfigureAwait(false)).OfType<StoredRun>()];

    private Task<ImmutableArray<T>> Read<T>(string sql, Func<DbDataReader, T> read, params object?[] values) => Guarded(async () =>
    {
        await using NpgsqlCommand command = Command(sql, values);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        var rows = ImmutableArray.CreateBuilder<T>();
        while (await reader.ReadAsync().ConfigureAwait(false))
        {
            rows.Add(read(reader));
        }

        return rows.ToImmutable();
    });

    private StoredRun? TryRunOf(DbDataReader row)
    {
        try
        {
            return RunOf(row);
        }
        catch (Exception error) when (error is ConfigurationException or JsonException)
        {
            // A run of another version, or of a plug-in that is missing here: nothing that this node could list or train.
            return null;
        }
    }

    private StoredRun RunOf(DbDataReader row)
    {
        T? Value<T>(string column) where T : struct => row[column] is T value ? value : null;
        string runId = row.GetString(0);
        TaskShape? shape = InputShape.TryParse(row["input"] as string, out InputShape input) && Value<int>("target_length") is { } targets && Value<int>("training_classes") is { } classes
            ? new TaskShape(input, targets, classes) : null;
        string? owner = row["owner"] as string;
        return new StoredRun(
            runId, RunOptionsJson.ReadStored((string)row["options"], $"run {runId} in {Location}"),
            JsonSerializer.Deserialize<RunPolicy>((string)row["policy"], RunOptionsJson.Conventions)!, shape,
            StoredStatus.Read((string)row["phase"], owner) ?? throw new ConfigurationException($"Run {runId} in {Location} has the unknown phase '{row["phase"]}'."),
            (bool)row["is_attended"], Value<DateTime>("created")!.Value)
        {
            Data = row["data"] is string data ? JsonSerializer.Deserialize<TrainingData>(data, RunOptionsJson.Conventions) : null,
            Epoch = (long)row["epoch"], Iteration = (int)row["iteration"], Owner = owner, Problem = row["problem"] as string,
            Location = $"{Location}/{runId}",
            Newest = StoredMeasure.Of(((string[])row["newest"]).Reverse()),
        };
    }

    private static string Json(RunPolicy policy) => JsonSerializer.Serialize(policy, RunOptionsJson.Conventions);

    private NpgsqlCommand Command(string sql, object?[] values)
    {
        NpgsqlCommand command = _database.CreateCommand(sql);
        foreach (object? value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        return command;
    }

    private async Task<T> Guarded<T>(Func<Task<T>> action)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (Exception error) when (error is DbException or SocketException or TimeoutException or IOException)
        {
            throw new StoreException($"The database {Location} does not answer as it should: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }
}
