using System.Globalization;
using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Output;
using MetaMap.Coordinator;
using MetaMap.Coordinator.Runs;
using MetaMap.Core;
using MetaMap.Core.Configuration;
using MetaMap.Core.Training;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MetaMap.Cli.Training;

/// <summary>Runs a local cluster until the run is over, then evaluates the model.</summary>
internal sealed class TrainingSession(TrainingPlan plan, Reporter reporter)
{
    /// <summary>Trains and evaluates.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> Run(CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        void OnSignal(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }

        RunSnapshot last = await Train(stop.Token).ConfigureAwait(false);
        if (last.Status == RunStatus.Failed)
        {
            throw new CommandFailedException(last.Problem ?? $"Run {plan.RunId} failed.");
        }

        if (last.Status == RunStatus.Stopped)
        {
            reporter.Event(
                new { Event = "stopped", RunId = plan.RunId.Value, last.State.Iteration, ModelSha256 = last.State.Parameters.Sha256, plan.Directory },
                $"stopped at iteration {last.State.Iteration} of {plan.Options.Iterations}; go on with: metamap train --resume {plan.Directory}");
            return ExitCode.Ok;
        }

        AccuracySummary? summary = plan.Options.EvalEpisodes == 0 ? null
            : TestAccuracy.Measure(plan.Options, plan.Dataset, last.State.Parameters, plan.Lanes * Math.Max(1, plan.Workers), reporter, stop.Token);
        Finish(last, summary);
        return ExitCode.Ok;
    }

    private async Task<RunSnapshot> Train(CancellationToken stop)
    {
        CoordinatorSettings coordinator = new()
        {
            Node = new NodeSettings
            {
                Roles = plan.Workers == 0 ? [NodeSettings.CoordinatorRole, NodeSettings.WorkerRole] : [NodeSettings.CoordinatorRole],
            },
            HttpPort = plan.HttpPort,
            HttpNextFreePort = true,
            DataDirectory = plan.DataDirectory,
            RunsDirectory = Path.GetDirectoryName(plan.Directory)!,
        };
        WorkerSettings? worker = plan.Workers > 0 ? null
            : new WorkerSettings { Node = coordinator.Node, Lanes = plan.Lanes, DataDirectory = plan.DataDirectory };
        await using WebApplication app = NodeHosts.Coordinator(coordinator, worker, LogLevel.Warning);
        await app.StartAsync(stop).ConfigureAwait(false);
        using WorkerProcesses workers = new();
        try
        {
            IActorRef runs = app.Services.GetRequiredService<IRequiredActor<RunRegion>>().ActorRef;
            object answer = await runs.Ask<object>(
                new StartRun(plan.RunId, RunOptionsJson.Write(plan.Options), plan.Resume), TimeSpan.FromMinutes(2), stop).ConfigureAwait(false);
            if (answer is RunRefused refused)
            {
                throw new ConfigurationException(refused.Reason);
            }

            Address node = Cluster.Get(app.Services.GetRequiredService<ActorSystem>()).SelfAddress;
            workers.Start(plan.Workers, string.Create(CultureInfo.InvariantCulture, $"{node.Host}:{node.Port}"), plan.Lanes, plan.DataDirectory);
            Begin(app.Urls.First());
            await using CancellationTokenRegistration onStop = stop.Register(() => runs.Tell(new StopRun(plan.RunId)));
            return await TrainingDisplay.Follow(
                app.Services.GetRequiredService<RunBoard>().Watch(plan.RunId, CancellationToken.None), plan, reporter).ConfigureAwait(false);
        }
        finally
        {
            workers.Dispose();
            await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private void Begin(string url) => reporter.Event(
        new { Event = "started", RunId = plan.RunId.Value, plan.Directory, Url = url, plan.Workers, Threads = plan.Lanes, plan.Options },
        $"run {plan.RunId}: {plan.Options.Algorithm}, {plan.Options.EpisodeShape()}, {plan.Options.Dataset}, {plan.Options.Model}\n"
        + $"HTTP at {url}; the current model: metamap model --url {url} --out model.safetensors");

    private void Finish(RunSnapshot last, AccuracySummary? summary) => reporter.Event(
        new
        {
            Event = "finished",
            RunId = plan.RunId.Value,
            last.State.Iteration,
            ModelSha256 = last.State.Parameters.Sha256,
            TestAccuracy = summary?.TransductiveAccuracyFraction.Mean,
            TestCi95 = summary?.TransductiveAccuracyFraction.HalfWidth95,
            TestAccuracyInductive = summary?.InductiveAccuracyFraction.Mean,
            TestCi95Inductive = summary?.InductiveAccuracyFraction.HalfWidth95,
            TestEpisodes = summary?.Episodes ?? 0,
            EpisodesPerSecond = Math.Round(last.EpisodesPerSecond, 2),
            plan.Directory,
        },
        $"{(summary is null ? "not evaluated (--eval-episodes 0)" : TestAccuracy.Describe(plan.Options, summary))}\n"
        + $"model {Path.Combine(plan.Directory, "model.safetensors")}, sha256 {last.State.Parameters.Sha256}, {Figures.Number(last.EpisodesPerSecond, 1)} episodes/s");
}
