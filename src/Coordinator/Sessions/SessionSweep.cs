using MetaMap.Coordinator.Stores;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MetaMap.Coordinator.Sessions;

/// <summary>Removes sessions that are over, every ten minutes.</summary>
internal sealed class SessionSweep(ISessionStore store, TimeProvider time, ILogger<SessionSweep> log) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(_interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await store.Sweep().ConfigureAwait(false);
            }
            catch (StoreException error)
            {
                log.LogWarning("Expired sessions could not be removed: {Problem}", error.Message);
            }
        }
    }
}
