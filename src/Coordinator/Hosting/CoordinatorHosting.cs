using Akka.Actor;
using Akka.Hosting;
using MetaMap.Coordinator.Http;
using MetaMap.Coordinator.Runs;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MetaMap.Coordinator.Hosting;

/// <summary>Puts a coordinator into a host: services, actors, and runs that are stored before the node goes.</summary>
public static class CoordinatorHosting
{
    /// <summary>The services of a coordinator.</summary>
    public static IServiceCollection AddCoordinator(this IServiceCollection services, CoordinatorSettings settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<BlobStore>();
        services.AddSingleton(settings);
        services.AddSingleton<RunBoard>();
        services.AddSingleton<WorkerBoard>();
        services.AddSingleton<RunServices>();
        return services.AddCoordinatorHttp(settings);
    }

    /// <summary>The actors of a coordinator: the region of runs, and the workforce. The node itself and its blob holder are added by the host.</summary>
    public static AkkaConfigurationBuilder AddCoordinatorActors(this AkkaConfigurationBuilder builder, IServiceProvider services)
    {
        RunServices runServices = services.GetRequiredService<RunServices>();
        return RunRegion.Host(builder, _ => Props.Create(() => new RunEntity(runServices)))
            .WithActors((system, registry) =>
            {
                IActorRef runs = registry.Get<RunRegion>();
                WorkerBoard board = services.GetRequiredService<WorkerBoard>();
                registry.Register<WorkforceActor>(system.ActorOf(Props.Create(() => new WorkforceActor(board, runs)), Workforce.Name));
                StopRunsBeforeLeaving(system, runs, runServices.Board);
            });
    }

    private static void StopRunsBeforeLeaving(ActorSystem system, IActorRef runs, RunBoard board) =>
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "store-runs", async () =>
        {
            IEnumerable<Task> stops = board.Runs.Where(run => !run.IsOver)
                .Select(run => runs.Ask<object>(new StopRun(run.RunId), TimeSpan.FromSeconds(20)));
            await Task.WhenAll(stops).ConfigureAwait(false);
            return Akka.Done.Instance;
        });
}
