using MetaMap.Coordinator.Sessions;
using MetaMap.Coordinator.Stores;
using MetaMap.Coordinator.Stores.Directories;
using MetaMap.Coordinator.Stores.Postgres;
using MetaMap.Training.Checkpoints;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MetaMap.Coordinator.Hosting;

/// <summary>Chooses the store that a coordinator's settings name.</summary>
internal static class RunStores
{
    // No name of a run begins with a dot.
    private const string SessionsFolder = ".sessions";

    /// <summary>Creates a store in a folder, or in a database when the text is a connection string.</summary>
    /// <param name="store">The setting's text; null where no store is named.</param>
    /// <param name="folder">The folder for runs where no store is named.</param>
    /// <param name="kept">Which versions of a run stay.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="Core.ConfigurationException">The text is neither a folder nor a connection string.</exception>
    public static IRunStore Create(string? store, string folder, KeptVersions kept, TimeProvider time) =>
        store is not null && PostgresStore.IsConnectionString(store) ? new PostgresStore(store, kept) : new DirectoryStore(store ?? folder, time, kept);

    /// <summary>The store of sessions beside a store of runs.</summary>
    public static ISessionStore Sessions(IRunStore runs, TimeProvider time) =>
        runs is PostgresStore database ? new PostgresSessions(database) : new DirectorySessions(Path.Combine(runs.Location, SessionsFolder), time);
}

/// <summary>Opens the store before the node's actors start, and waits for a database that is not up yet.</summary>
internal sealed class StoreStartup(IRunStore store, TimeProvider time, ILogger<StoreStartup> log) : IHostedService
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(1);

    public async Task StartAsync(CancellationToken cancellationToken) => await Patience
        .Of(time, _again, _patience, error => error is StoreException, (error, left) => log.LogWarning("{Problem} Trying again for {Seconds:0} s.", error.Message, left.TotalSeconds))
        .ExecuteAsync(async _ => await store.Open().ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
