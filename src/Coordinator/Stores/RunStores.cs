using MetaMap.Coordinator.Stores.Directories;
using MetaMap.Coordinator.Stores.Postgres;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MetaMap.Coordinator.Stores;

/// <summary>Chooses the store that a coordinator's settings name.</summary>
public static class RunStores
{
    /// <summary>A folder, or a database when the text is a connection string.</summary>
    /// <param name="settings">Of the node.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="Core.ConfigurationException">The text is neither.</exception>
    public static IRunStore Create(CoordinatorSettings settings, TimeProvider time) => settings.Store is { } store
        ? PostgresStore.IsConnectionString(store) ? new PostgresStore(store) : new DirectoryStore(store, time)
        : new DirectoryStore(settings.RunsDirectory, time);
}

/// <summary>Opens the store before the node's actors start; a database that is not up yet is waited for.</summary>
internal sealed class StoreStartup(IRunStore store, TimeProvider time, ILogger<StoreStartup> log) : IHostedService
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(1);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        while (true)
        {
            try
            {
                await store.Open().ConfigureAwait(false);
                return;
            }
            catch (StoreException error) when (time.GetElapsedTime(began) < _patience)
            {
                log.LogWarning("{Problem} Trying again for {Seconds:0} s.", error.Message, (_patience - time.GetElapsedTime(began)).TotalSeconds);
                await Task.Delay(_again, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
