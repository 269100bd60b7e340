using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using MetaMap.Coordinator.Http;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Coordinator.Sessions;
using MetaMap.Coordinator.Stores;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MetaMap.Coordinator.Hosting;

/// <summary>Adds a coordinator to a host: services, actors, and storing of runs before the node leaves.</summary>
public static class CoordinatorHosting
{
    private static readonly TimeSpan _releaseTime = TimeSpan.FromSeconds(20);

    /// <summary>The services of a coordinator.</summary>
    public static IServiceCollection AddCoordinator(this IServiceCollection services, CoordinatorSettings settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<BlobStore>();
        services.AddSingleton(settings);
        services.AddSingleton<RunBoard>();
        services.AddSingleton<WorkerBoard>();
        services.AddSingleton<RunMetrics>();
        services.AddSingleton(provider => RunStores.Create(settings.Store, settings.RunsDirectory, settings.Kept, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<RunCatalog>();
        services.AddSingleton(provider => RunStores.Sessions(provider.GetRequiredService<IRunStore>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SessionCaller>();
        services.AddSingleton<AdaptationSessions>();
        services.AddSingleton<EpisodeViews>();
        services.AddSingleton<RunServices>();
        services.AddSingleton(provider => new EarlierRuns(provider.GetRequiredService<IRunStore>()));
        services.AddSingleton(provider => new ServedModels(provider.GetRequiredService<IRunStore>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new GivenStarts(provider.GetRequiredService<RunServices>()));
        services.AddHostedService<StoreStartup>();
        services.AddHostedService<SessionSweep>();
        return services.AddCoordinatorHttp(settings);
    }

    /// <summary>
    /// The actors of a coordinator: the region of runs, the workforce, and the way to sessions. The host adds the node itself, its blob holder, and the actors of
    /// a worker where the node is one, too.
    /// </summary>
    public static AkkaConfigurationBuilder AddCoordinatorActors(this AkkaConfigurationBuilder builder, IServiceProvider services)
    {
        RunServices runServices = services.GetRequiredService<RunServices>();
        LeftRuns left = new(runServices.Settings.TakesUpLeftRuns);
        if (!runServices.Settings.Node.Roles.Contains(NodeSettings.WorkerRole))
        {
            SessionRegion.Reach(builder);
        }

        return RunRegion.Host(builder, _ => Props.Create(() => new RunEntity(runServices, left)))
            .WithActors((system, registry) =>
            {
                IActorRef runs = registry.Get<RunRegion>();
                WorkerBoard board = services.GetRequiredService<WorkerBoard>();
                registry.Register<WorkforceActor>(system.ActorOf(Props.Create(() => new WorkforceActor(board, runs)), Workforce.Name));
                if (runServices.Settings.TakesUpRuns)
                {
                    system.ActorOf(Props.Create(() => new RunKeeper(runServices, runs, left)), "run-keeper");
                }

                ReleaseRunsBeforeLeaving(system, runs, runServices);
            });
    }

    private static void ReleaseRunsBeforeLeaving(ActorSystem system, IActorRef runs, RunServices services) =>
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "release-runs", async () =>
        {
            services.IsLeaving = true;
            ILoggingAdapter log = Logging.GetLogger(system, typeof(CoordinatorHosting));
            await Task.WhenAll(services.Board.Runs.Where(run => run.Status == RunStatus.Training).Select(run => Release(run.RunId, runs, log))).ConfigureAwait(false);
            return Akka.Done.Instance;
        });

    private static async Task Release(RunId run, IActorRef runs, ILoggingAdapter log)
    {
        try
        {
            await runs.Ask<object>(new CommandRun(run, RunCommand.Release), _releaseTime).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            log.Warning("run {RunId} could not be given back within {Seconds} s, because its store does not answer; it goes on from its last commit", run, _releaseTime.TotalSeconds);
        }
    }
}
