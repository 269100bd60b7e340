using Akka.Event;
using MetaMap.Core.Rounds;
using MetaMap.Core.Training;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>The half of the trainer that goes from one iteration to the next: what follows from each change of its progress.</summary>
public sealed partial class RunTrainer
{
    private void Advance(RunProgress next)
    {
        (string? refusal, string? waiting) = (_progress.LastRefusal, _progress.Waiting);
        foreach (WorkerId worker in _exchange.Excluded(_progress.Round, next.Round))
        {
            _log.Warning("run {RunId} excludes a worker: {Reason}", RunId, next.Round.ExcludedWorkers[worker.Value]);
            _evaluations.Lose(worker);
        }

        _progress = next;
        if (next.Waiting != waiting)
        {
            _publication.Publish(next, RunStatus.Training, null);
        }

        if (next.LastRefusal != refusal)
        {
            _log.Debug("run {RunId}, iteration {Iteration}: {Refusal}", RunId, next.Round.Iteration, next.LastRefusal);
        }

        if ((_evaluations.Settle(_progress) is { } measured && !TryValidate(measured)) || (_progress.CanCommit && !_commits.IsFull && !TryStep()))
        {
            return;
        }

        if (_progress.IsValidationDue)
        {
            _evaluations.Validate(_progress);
        }

        _progress = _evaluations.Assign(_progress);
        _progress = _exchange.Assign(_progress, _services.Elapsed);
        BeginCommit();
    }

    /// <returns>True when training goes on.</returns>
    private bool TryValidate(EvaluationProgress measured)
    {
        if (measured.IsFailed)
        {
            End(RunStatus.Failed, $"Run {RunId} could not be measured on its validation classes at iteration {_progress.State.Iteration}: {measured.LastFailure}.");
            return false;
        }

        (_progress, ValidationMetrics metrics) = _progress.Validated(measured);
        _commits.Add(metrics);
        return GoesOn();
    }

    /// <returns>True when training goes on.</returns>
    private bool TryStep()
    {
        try
        {
            _journal.Completed(_progress.Round);
            (_progress, CommittedIteration committed) = _progress.Commit();
            foreach (QuarantinedBlock block in committed.Quarantined)
            {
                _journal.Quarantined(block);
                Pipe(_commits.Leave(() => _run.ExportQuarantined(block)), sentence => new WrittenBeside(sentence), error => new WrittenBeside(RunServices.Explain(error)));
            }

            _commits.Add(_progress.State, committed.Metrics);
            _exchange.Offer(_progress.State.Parameters);
        }
        catch (DivergedException error)
        {
            Pipe(
                _commits.Leave(() => _run.ExportDiverged(error)), reason => new Diverged(reason ?? error.Message),
                cause => new Diverged($"{error.Message} {RunServices.Explain(cause)}"));
            Become(Diverging);
            return false;
        }

        if (_progress.Round.Iteration > _progress.State.Iteration)
        {
            _journal.Opened(_progress.Round);
        }

        return GoesOn();
    }

    /// <summary>No block counts any more, and the episode to blame is being written; then the run ends with the reason.</summary>
    private void Diverging()
    {
        Receive<Diverged>(diverged =>
        {
            _log.Error("run {RunId}, iteration {Iteration}: {Reason}", RunId, _progress.Round.Iteration, diverged.Reason);
            End(RunStatus.Failed, diverged.Reason);
        });
        Receive<Tick>(_ => Renew());
        ReceiveStore(_ => { });
        ReceiveAny(message => _log.Debug("{MessageType} came after run {RunId} had diverged", message.GetType().Name, RunId));
    }

    private bool GoesOn()
    {
        if (_progress.IsFinished)
        {
            End(RunStatus.Finished, null);
        }

        return !_progress.IsFinished;
    }

    private sealed record Diverged(string Reason);
}
