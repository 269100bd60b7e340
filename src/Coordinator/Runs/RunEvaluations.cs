using System.Collections.Immutable;
using Akka.Actor;
using MetaMap.Core;
using MetaMap.Core.Training;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>
/// The evaluations that a run's workers compute, one after the other: measurements on the validation classes, and
/// those that clients ask for. Decides nothing itself: <see cref="EvaluationProgress"/> does. Owned by one actor.
/// </summary>
/// <param name="exchange">Tells workers.</param>
/// <param name="blobs">Where the evaluated parameters are held.</param>
/// <param name="elapsed">The coordinator's monotonic clock.</param>
/// <param name="epoch">Of the claim: evaluations of different owners have different numbers, so that no late measure is mistaken.</param>
public sealed class RunEvaluations(RunExchange exchange, BlobStore blobs, Func<TimeSpan> elapsed, long epoch)
{
    private const int NumbersOfAnOwner = 1 << 16;

    private readonly List<Entry> _entries = [];
    private int _lastId = (int)(epoch % (int.MaxValue / NumbersOfAnOwner)) * NumbersOfAnOwner;

    /// <summary>Measures the newest version on the validation classes, unless that is under way.</summary>
    public void Validate(RunProgress progress)
    {
        if (!_entries.Exists(entry => entry.Client is null))
        {
            Begin(progress, EvaluationProgress.Open(
                ++_lastId, progress.Training, progress.State, progress.Training.ValidationBlocks(), progress.Training.Options.EvalInnerSteps ?? 0), null);
        }
    }

    /// <summary>Begins what a client asks for.</summary>
    public void Evaluate(RunProgress progress, EvaluateRun request, IActorRef client)
    {
        try
        {
            MetaTraining training = progress.Training;
            Begin(progress, EvaluationProgress.Open(
                ++_lastId, training, progress.State, training.EvaluationBlocks(EvaluationParts.Read(request.Part), Math.Max(1, request.Episodes)),
                request.InnerSteps < 0 ? training.Options.EvalInnerSteps ?? 0 : request.InnerSteps), client);
        }
        catch (ConfigurationException error)
        {
            client.Tell(new RunRefused(request.RunId, error.Message));
        }
    }

    /// <summary>Leases blocks of the first evaluation to the workers that wait.</summary>
    public RunProgress Assign(RunProgress progress)
    {
        if (_entries.Count == 0)
        {
            return progress;
        }

        Entry first = _entries[0];
        (var round, LaneLedger lanes, ImmutableArray<BlockAssignment> assignments) =
            LaneAssignment.Assign(first.Progress.Round, progress.Lanes, elapsed(), progress.Policy);
        exchange.Lease(assignments, first.Progress, first.Parameters);
        _entries[0] = first with { Progress = first.Progress with { Round = round } };
        return progress with { Lanes = lanes };
    }

    /// <summary>Measures have come.</summary>
    public RunProgress Received(RunProgress progress, BlockEvaluated result)
    {
        Change(evaluation => evaluation.Accept(result, elapsed()));
        return progress.Answered(result.WorkerId, EvaluationProgress.LeaseOf(result.EvaluationId, result.BlockIndex, result.Attempt));
    }

    /// <summary>A worker could not measure a block.</summary>
    public RunProgress Failed(RunProgress progress, EvaluationFailed failed)
    {
        Change(evaluation => evaluation.Fail(failed, progress.LiveWorkers, progress.Policy));
        return progress.Answered(failed.WorkerId, EvaluationProgress.LeaseOf(failed.EvaluationId, failed.BlockIndex, failed.Attempt));
    }

    /// <summary>A worker gives a block back, of training or of an evaluation.</summary>
    public RunProgress Returned(RunProgress progress, BlockReturned returned)
    {
        Change(evaluation => evaluation.Return(returned));
        return progress;
    }

    /// <summary>A worker has left.</summary>
    public void Lose(WorkerId worker) => Change(evaluation => evaluation.Lose(worker));

    /// <summary>Takes back leases that are past their deadline.</summary>
    public void Expire(RunProgress progress) => Change(evaluation => evaluation.Expire(elapsed(), progress.Policy));

    /// <summary>Answers the clients of evaluations that have ended.</summary>
    /// <returns>The measurement on the validation classes that has ended; null when there is none.</returns>
    public EvaluationProgress? Settle(RunProgress progress)
    {
        EvaluationProgress? validation = null;
        foreach (Entry entry in _entries.Where(entry => entry.Progress.IsComplete).ToArray())
        {
            Remove(entry);
            validation = entry.Client is null ? entry.Progress : validation;
            entry.Client?.Tell(Answer(new RunId(progress.Training.RunId), entry.Progress));
        }

        return validation;
    }

    /// <summary>The run is over: clients hear that nothing will come.</summary>
    public void End(RunProgress progress)
    {
        foreach (Entry entry in _entries.ToArray())
        {
            Remove(entry);
            entry.Client?.Tell(new RunRefused(new RunId(progress.Training.RunId), $"Run {progress.Training.RunId} ended before the evaluation was done; evaluate its model instead."));
        }
    }

    private static object Answer(RunId runId, EvaluationProgress evaluation)
    {
        if (evaluation.IsFailed)
        {
            return new RunRefused(runId, $"The evaluation of run {runId} failed: {evaluation.LastFailure}.");
        }

        EpisodeEvaluation[] episodes = evaluation.Episodes;
        StepSummary summary = StepSummary.Of(episodes)[^1];
        static double Half(MeanWithInterval mean) => mean.HalfWidth95 ?? double.NaN;
        return new RunEvaluated(
            runId, evaluation.State.Iteration, evaluation.State.Parameters.Sha256, evaluation.InnerSteps, episodes.Length,
            summary.QueryLoss.Mean, Half(summary.QueryLoss), summary.TransductiveAccuracyFraction.Mean, Half(summary.TransductiveAccuracyFraction),
            summary.InductiveQueryLoss.Mean, Half(summary.InductiveQueryLoss), summary.InductiveAccuracyFraction.Mean, Half(summary.InductiveAccuracyFraction));
    }

    private void Begin(RunProgress progress, EvaluationProgress evaluation, IActorRef? client) =>
        _entries.Add(new Entry(evaluation, blobs.Put(progress.State.Parameters.Bytes.ToArray()), client));

    private void Remove(Entry entry)
    {
        _entries.Remove(entry);
        blobs.Release(entry.Parameters);
    }

    private void Change(Func<EvaluationProgress, EvaluationProgress> change)
    {
        for (int i = 0; i < _entries.Count; i++)
        {
            _entries[i] = _entries[i] with { Progress = change(_entries[i].Progress) };
        }
    }

    private sealed record Entry(EvaluationProgress Progress, BlobId Parameters, IActorRef? Client);
}
