using System.Runtime.InteropServices;
using MetaMap.Cli.Output;
using MetaMap.Coordinator.Runs;
using MetaMap.Core.Training;

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

        RunSnapshot last = await LocalCluster.Train(
            plan, Begin, snapshots => TrainingDisplay.Follow(TensorBoardLog.Record(snapshots, plan.Directory), plan, reporter), stop.Token).ConfigureAwait(false);
        if (last.Status == RunStatus.Failed || last.Problem is not null)
        {
            // A problem at the end: the last checkpoint or the model could not be written.
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
