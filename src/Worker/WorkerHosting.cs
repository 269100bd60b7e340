using Akka.Actor;
using Akka.Hosting;
using MetaMap.Learning.Kernels;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Worker.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MetaMap.Worker;

/// <summary>Adds a worker to a host: services, actors, and an orderly end before the node leaves.</summary>
public static class WorkerHosting
{
    /// <summary>The services of a worker.</summary>
    public static IServiceCollection AddWorker(this IServiceCollection services, WorkerSettings settings)
    {
        services.TryAddSingleton<BlobStore>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(KernelChooser.OfThisMachine);
        services.AddSingleton(settings);
        return services.AddSingleton<WorkerServices>();
    }

    /// <summary>The actors of a worker, and its region of sessions. The region (or proxy) of runs must have been added before.</summary>
    public static AkkaConfigurationBuilder AddWorkerActors(this AkkaConfigurationBuilder builder, IServiceProvider services)
    {
        WorkerServices workerServices = services.GetRequiredService<WorkerServices>();
        return SessionRegion.Host(builder, session => Props.Create(() => new SessionEntity(session, workerServices.Sessions))).WithActors((system, registry) =>
        {
            IActorRef runs = registry.Get<RunRegion>();
            IActorRef agent = system.ActorOf(Props.Create(() => new WorkerAgent(workerServices, runs)), "agent");
            CoordinatedShutdown shutdown = CoordinatedShutdown.Get(system);
            shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "leave-workforce", async () =>
            {
                if (!workerServices.IsLost && shutdown.ShutdownReason is not CoordinatedShutdown.ClusterDowningReason)
                {
                    await agent.Ask<Akka.Done>(Drain.Instance, workerServices.Settings.Grace + TimeSpan.FromSeconds(5)).ConfigureAwait(false);
                }

                return Akka.Done.Instance;
            });
        });
    }
}
