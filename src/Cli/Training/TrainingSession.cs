using System.Runtime.InteropServices;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Output;
using MetaMap.Coordinator.Http;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Workers;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Evaluation;

namespace MetaMap.Cli.Training;

/// <summary>Runs a local cluster until the run is over, then evaluates the model.</summary>
internal sealed class TrainingSession(TrainingPlan plan, Reporter reporter)
{
    /// <summary>Trains and evaluates.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="DataException">The data is damaged.</exception>
    public async Task<int> Run(CancellationToken cancellation)
    {
        ReadData(plan.Dataset);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        void OnSignal(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }

        WorkerBoard workers = new();
        TensorBoardLog log = new(new RunDirectory(plan.Directory));
        TrainingDisplay display = new(plan.Options, () => workers, reporter);
        RunSnapshot last = await LocalCluster.Train(plan, Begin, snapshots => display.Follow(log.Record(snapshots)), stop.Token).ConfigureAwait(false);
        if (last.Status == RunStatus.Failed || last.Problem is not null)
        {
            // A problem at the end means that the last checkpoint or the model could not be written.
            throw new CommandFailedException(last.Problem ?? $"Run {plan.RunId} failed.");
        }

        if (last.Status == RunStatus.Stopped)
        {
            reporter.Event(
                new { Event = "stopped", RunId = plan.RunId.Value, last.State.Iteration, ModelSha256 = last.State.Parameters.Sha256, plan.Directory },
                $"stopped at iteration {last.State.Iteration} of {plan.Options.Iterations}; go on with: {plan.Resuming}");
            return ExitCode.Ok;
        }

        if (last.Status != RunStatus.Finished)
        {
            throw new CommandFailedException($"Run {plan.RunId} was taken over by another process after iteration {last.State.Iteration}, and goes on there.");
        }

        EvaluationResult? summary = plan.Options is { EvalEpisodes: 0, Supervised: null } ? null : TestMeasures.Measure(
            plan.Options, plan.Dataset, plan.Devices, $"The trained model {new RunDirectory(plan.Directory).ModelPath}", last.Model,
            EvaluationEpisodes.Of(plan.Options, last.Model.Data, plan.Dataset.Catalog, EvaluationParts.NameOf(SplitPart.Test)), everyStep: false,
            plan.Threads * Math.Max(1, plan.Workers), reporter, stop.Token)[^1];
        Finish(last, summary, log);
        return ExitCode.Ok;

        void Begin(string url, WorkerBoard workersThere)
        {
            workers = workersThere;
            SayBegin(url);
        }
    }

    /// <summary>Asks for the first input, which decodes all of them: damage is told before anybody trains, and workers find the cache.</summary>
    private static void ReadData(IEpisodeDataset dataset)
    {
        int first = dataset.Catalog.Classes.ToList().FindIndex(item => item.ExampleCount > 0);
        if (first >= 0)
        {
            dataset.CopyInput(first, 0, 0, new float[dataset.Catalog.Input.Length]);
        }
    }

    private void SayBegin(string url)
    {
        if (plan.DataDirectory is { } data)
        {
            new RunDirectory(plan.Directory).WriteDataSource(Path.GetFullPath(data));
        }

        reporter.Event(
            new { Event = "started", RunId = plan.RunId.Value, plan.Directory, Url = url, plan.Workers, plan.Threads, plan.Options },
            $"run {plan.RunId}: {plan.Options.Algorithm}, {plan.Options.EpisodeShape}, {plan.Options.Dataset}, {plan.Options.Model}\n"
            + $"HTTP at {url}; the current model: {OwnName.Called} model{Hints.Client(url, plan.TlsDirectory)} --out model.safetensors");
    }

    private void Finish(RunSnapshot last, EvaluationResult? result, TensorBoardLog log)
    {
        RunDirectory directory = new(plan.Directory);
        EvaluationBody? test = result is null ? null : EvaluationBody.From(
            plan.RunId.Value, last.Model.Iteration, last.Model.Parameters.Sha256, EvaluationParts.NameOf(SplitPart.Test), last.Shape.TargetLength > 0, result)
            with { FileSha256 = FinishedRun.DigestOf(directory) };
        if (test is not null)
        {
            directory.WriteResult(test);
            log.Write(test);
        }

        new FinishedRun(plan.RunId, plan.Options, directory, last.State, last.Model, test).Tell(reporter, last.EpisodesPerSecond);
    }
}
