using DbUp;
using DbUp.Engine;
using Npgsql;

namespace MetaMap.Coordinator.Stores.Postgres;

/// <summary>The tables of <see cref="PostgresStore"/> and their migrations. Scripts are only ever added.</summary>
internal static class PostgresSchema
{
    // An arbitrary number, the same on every coordinator, so that two that start at once migrate one after the other.
    private const long MigrationLock = 0x4D65_7461_4D61_70;

    /// <summary>The first tables.</summary>
    internal const string Runs = """
        CREATE TABLE metamap_run (
          run_id text PRIMARY KEY,
          options text NOT NULL,
          weight double precision NOT NULL,
          min_workers int NOT NULL,
          audit_fraction double precision NOT NULL,
          input text,
          target_length int,
          training_classes int,
          phase text NOT NULL,
          is_attended boolean NOT NULL,
          problem text,
          created timestamptz NOT NULL,
          epoch bigint NOT NULL DEFAULT 0,
          owner text,
          owner_id uuid,
          renewed timestamptz,
          iteration int NOT NULL DEFAULT 0
        );
        CREATE TABLE metamap_state (
          run_id text NOT NULL REFERENCES metamap_run ON DELETE CASCADE,
          iteration int NOT NULL,
          content bytea NOT NULL,
          PRIMARY KEY (run_id, iteration)
        );
        -- Parameters do not compress: spare the attempt.
        ALTER TABLE metamap_state ALTER COLUMN content SET STORAGE EXTERNAL;
        CREATE TABLE metamap_measure (
          run_id text NOT NULL REFERENCES metamap_run ON DELETE CASCADE,
          line_number bigint GENERATED ALWAYS AS IDENTITY,
          iteration int NOT NULL,
          line text NOT NULL,
          PRIMARY KEY (run_id, line_number)
        );
        CREATE TABLE metamap_journal (
          run_id text NOT NULL REFERENCES metamap_run ON DELETE CASCADE,
          line_number bigint GENERATED ALWAYS AS IDENTITY,
          line text NOT NULL,
          PRIMARY KEY (run_id, line_number)
        );
        """;

    // The policy becomes one column, and each claim counts its commits and journal lines, so that what is sent twice is stored once.
    private const string Claims = """
        ALTER TABLE metamap_run
          ADD COLUMN policy text,
          ADD COLUMN commits int NOT NULL DEFAULT 0,
          ADD COLUMN journal_lines bigint NOT NULL DEFAULT 0;
        UPDATE metamap_run SET policy = json_build_object('weight', weight, 'min_workers', min_workers, 'audit_fraction', audit_fraction)::text;
        ALTER TABLE metamap_run
          ALTER COLUMN policy SET NOT NULL,
          DROP COLUMN weight,
          DROP COLUMN min_workers,
          DROP COLUMN audit_fraction;
        """;

    // What a model says that it was trained on.
    private const string Data = "ALTER TABLE metamap_run ADD COLUMN data text;";

    // Adaptation sessions; a model that several of them share is stored once.
    private const string Sessions = """
        CREATE TABLE metamap_session_model (
          sha256 text PRIMARY KEY,
          content bytea NOT NULL
        );
        ALTER TABLE metamap_session_model ALTER COLUMN content SET STORAGE EXTERNAL;
        CREATE TABLE metamap_session (
          session_id text PRIMARY KEY,
          info text NOT NULL,
          expires timestamptz NOT NULL,
          support bytea NOT NULL,
          model_sha256 text NOT NULL REFERENCES metamap_session_model
        );
        CREATE INDEX ON metamap_session (expires);
        CREATE INDEX ON metamap_session (model_sha256);
        """;

    // The history of a run is read from any iteration on.
    private const string History = "CREATE INDEX metamap_measure_history ON metamap_measure (run_id, iteration, line_number);";

    /// <summary>Brings a database up to date.</summary>
    /// <exception cref="NpgsqlException">The database cannot be reached, or refuses.</exception>
    public static async Task Migrate(NpgsqlDataSource database, string connectionString)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync().ConfigureAwait(false);
        await Execute(connection, "SELECT pg_advisory_lock($1)").ConfigureAwait(false);
        try
        {
            DatabaseUpgradeResult result = DeployChanges.To.PostgresqlDatabase(connectionString)
                .JournalToPostgresqlTable("public", "metamap_migration")
                .WithScript("0001-runs", Runs).WithScript("0002-claims", Claims).WithScript("0003-data", Data).WithScript("0004-history", History).WithScript("0005-sessions", Sessions).WithTransactionPerScript().LogToNowhere().Build().PerformUpgrade();
            if (!result.Successful)
            {
                throw result.Error;
            }
        }
        finally
        {
            await Execute(connection, "SELECT pg_advisory_unlock($1)").ConfigureAwait(false);
        }
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection) { Parameters = { new() { Value = MigrationLock } } };
        await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }
}
