using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Hosting;
using MetaMap.Coordinator;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Coordinator.Workers;
using MetaMap.Core;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MetaMap.Cli.Training;

/// <summary>A cluster on this machine for one run: a coordinator with HTTP, and its workers.</summary>
internal static class LocalCluster
{
    /// <summary>Trains until the run is over.</summary>
    /// <param name="plan">What is trained, where, and by how many workers.</param>
    /// <param name="began">Receives the HTTP address and the workers once training begins.</param>
    /// <param name="follow">Reads the run's snapshots to the end and returns the last.</param>
    /// <param name="stop">Ends training with a checkpoint.</param>
    /// <exception cref="ConfigurationException">The run was refused.</exception>
    /// <exception cref="CommandFailedException">Too many workers have ended, or cannot compute the run.</exception>
    /// <exception cref="DataException">Too many cannot compute it because of its data.</exception>
    public static async Task<RunSnapshot> Train(
        TrainingPlan plan, Action<string, WorkerBoard> began, Func<IAsyncEnumerable<RunSnapshot>, Task<RunSnapshot>> follow, CancellationToken stop)
    {
        CoordinatorSettings coordinator = new()
        {
            Node = new NodeSettings
            {
                Roles = plan.Workers == 0 ? [NodeSettings.CoordinatorRole, NodeSettings.WorkerRole] : [NodeSettings.CoordinatorRole],
                Tls = plan.Tls,
            },
            HttpPort = plan.HttpPort,
            Tokens = plan.Tokens,
            DataDirectory = plan.DataDirectory,
            RunsDirectory = Path.GetDirectoryName(plan.Directory)!,
            Kept = plan.Kept,
            TakesUpRuns = false,
        };
        WorkerSettings? worker = plan.Workers > 0 ? null
            : new WorkerSettings { Node = coordinator.Node, Threads = plan.Threads, Devices = plan.Devices.All, DataDirectory = plan.DataDirectory };
        await using WebApplication app = NodeHosts.Coordinator(coordinator, worker, new NodeLog(LogLevel.Warning));
        await app.StartAsync(stop).ConfigureAwait(false);
        using WorkerProcesses workers = new();
        try
        {
            if (plan.Start is { } start)
            {
                await app.Services.GetRequiredService<GivenStarts>().Enter(plan.RunId.Value, plan.Options, plan.Policy, isAttended: true, dataPath: null, start).ConfigureAwait(false);
            }

            IActorRef runs = app.Services.GetRequiredService<IRequiredActor<RunRegion>>().ActorRef;
            object answer = await runs.Ask<object>(
                new StartRun(plan.RunId, RunOptionsJson.Write(plan.Options), plan.Resume || plan.Start is not null, IsAttended: true, plan.Policy),
                TimeSpan.FromMinutes(2), stop).ConfigureAwait(false);
            if (answer is RunRefused refused)
            {
                throw new ConfigurationException(refused.Reason);
            }

            Address node = Cluster.Get(app.Services.GetRequiredService<ActorSystem>()).SelfAddress;
            workers.Start(plan.Workers, string.Create(CultureInfo.InvariantCulture, $"{node.Host}:{node.Port}"), plan.Devices.Arguments(plan.Threads), plan.DataDirectory, plan.TlsDirectory);
            began(app.Urls.First(), app.Services.GetRequiredService<WorkerBoard>());
            await using CancellationTokenRegistration onStop = stop.Register(() => runs.Tell(new CommandRun(plan.RunId, RunCommand.Stop)));
            Task<RunSnapshot> followed = follow(app.Services.GetRequiredService<RunBoard>().Watch(plan.RunId, CancellationToken.None));
            using PeriodicTimer look = new(TimeSpan.FromSeconds(1));
            Task<bool> looked;
            while (await Task.WhenAny(followed, looked = look.WaitForNextTickAsync(CancellationToken.None).AsTask()).ConfigureAwait(false) == looked)
            {
                if (WhyTooFewAreLeft(plan, workers, app.Services.GetRequiredService<WorkerBoard>()) is { } shortage && !stop.IsCancellationRequested)
                {
                    await runs.Ask<object>(new CommandRun(plan.RunId, RunCommand.Stop), TimeSpan.FromMinutes(1), CancellationToken.None).ConfigureAwait(false);
                    string sentence = $"{shortage.Reason} Once that is mended, go on with: {plan.Resuming}";
                    throw shortage.IsBadData ? new DataException(sentence) : new CommandFailedException(sentence);
                }
            }

            return await followed.ConfigureAwait(false);
        }
        finally
        {
            workers.Dispose();
            await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static (string Reason, bool IsBadData)? WhyTooFewAreLeft(TrainingPlan plan, WorkerProcesses workers, WorkerBoard board)
    {
        int running = plan.Workers == 0 ? 1 : workers.Running;
        RunDeclined[] declined = [.. board.Workers.Select(worker => worker.Declined).OfType<RunDeclined>()];
        // A worker that declined and ended since counts once.
        int left = Math.Max(running - declined.Length, board.Workers.Count(worker => worker.Declined is null));
        if (left >= plan.Policy.MinWorkers)
        {
            return null;
        }

        string shortage = left == 0 ? "Nobody is left to train" : $"Only {left} of at least {plan.Policy.MinWorkers} workers are left to train";
        RunDeclined? first = declined.FirstOrDefault(one => one.IsBadData) ?? declined.FirstOrDefault();
        return first is null ? ($"{shortage}: {plan.Workers - running} of {plan.Workers} worker processes have ended.", false)
            : ($"{shortage}: {first.Reason.TrimEnd('.')}.", first.IsBadData);
    }
}
