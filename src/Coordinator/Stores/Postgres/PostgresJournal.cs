using MetaMap.Core;

namespace MetaMap.Coordinator.Stores.Postgres;

/// <summary>The journals of runs that are kept in a database.</summary>
public static class PostgresJournal
{
    /// <summary>The lines of a run's journal, in order.</summary>
    /// <param name="connectionString">Names the database.</param>
    /// <param name="runId">The run.</param>
    /// <returns>One line or more.</returns>
    /// <exception cref="ConfigurationException">It is no connection string.</exception>
    /// <exception cref="DataException">There is no such run, or it has no journal.</exception>
    /// <exception cref="StoreException">The database does not answer.</exception>
    public static async Task<IReadOnlyList<string>> Read(string connectionString, string runId)
    {
        await using PostgresStore store = new(connectionString);
        return await store.Journal(runId).ConfigureAwait(false) is { IsEmpty: false } lines
            ? lines : throw new DataException($"{store.Location} has no journal of a run {runId}.");
    }
}
