using Akka.Actor;
using Akka.Event;
using MetaMap.Coordinator.Stores;
using MetaMap.Core.Training;

namespace MetaMap.Coordinator.Runs;

/// <summary>The half of the trainer that talks to the store: commits in the background, the end of the run, and its loss to another coordinator.</summary>
public sealed partial class RunTrainer
{
    private const int LastTries = 3;
    private static readonly TimeSpan _storePause = TimeSpan.FromSeconds(1);

    private bool _isRenewing;
    private int _failedTries;

    private void ReceiveStore(Action<RunProgress> afterwards)
    {
        Receive<CommitDone>(done =>
        {
            Committed(done.Problem);
            afterwards(_progress);
        });
        Receive<CommitFailed>(failed =>
        {
            _commits.Failed(_storePause);
            Degrade(failed.Sentence);
            _publication.Publish(_progress, RunStatus.Training, null);
        });
        ReceiveHold();
    }

    private void ReceiveHold()
    {
        Receive<Renewed>(renewed =>
        {
            _isRenewing = false;
            Warn(renewed.Problem);
        });
        Receive<WrittenBeside>(written => Warn(written.Problem));
        Receive<Fenced>(fenced =>
        {
            _log.Warning("run {RunId} is left to another coordinator: {Reason}", RunId, fenced.Reason);
            Timers.CancelAll();
            _evaluations.End(_progress);
            _exchange.Leave();
            _services.Board.Remove(RunId);
            Context.Parent.Tell(new TrainingEnded(null, _progress.State.Iteration));
            Become(Over);
        });
    }

    private void BeginCommit()
    {
        MetaState state = _progress.State;
        if (_commits.Begin(state, Model, isLast: false) is { } write)
        {
            Pipe(write, problem => new CommitDone(problem), error => new CommitFailed(RunServices.Explain(error)));
        }
    }

    private void Committed(string? problem)
    {
        (MetaState state, IReadOnlyList<CommitStep> steps) = _commits.Succeeded();
        _publication.Problem = null;
        if (problem is not null)
        {
            Degrade(problem);
        }

        _publication.Committed(_progress, state, steps);
    }

    private void FlushJournal()
    {
        if (_commits.Flush() is { } write)
        {
            Pipe(write, _ => new WrittenBeside(null), error => new WrittenBeside(RunServices.Explain(error)));
        }
    }

    private Task<bool> Renewal() => Task.Run(async () =>
    {
        await _run.Hold.Renew().ConfigureAwait(false);
        return true;
    });

    private void Renew()
    {
        if (!_isRenewing)
        {
            _isRenewing = true;
            Pipe(Renewal(), _ => new Renewed(null), error => new Renewed(RunServices.Explain(error)));
        }
    }

    /// <summary>No block is computed any more: what is complete is committed, the run is given back, and its entity hears of it.</summary>
    private void End(RunStatus status, string? reason)
    {
        _evaluations.End(_progress);
        if (status == RunStatus.Queued)
        {
            // Another coordinator takes the run up: its workers may keep what they have of it.
            _exchange.Leave();
        }
        else
        {
            _exchange.Close();
        }

        Become(() => Ending(status, reason));
        BeginLastCommit();
    }

    private void BeginLastCommit()
    {
        bool isBest = _progress.IsFinished && _progress.State.Selection is not null;
        if (_commits.Begin(_progress.State, isBest ? BestModel() : Model, isLast: true) is { } write)
        {
            Pipe(write, problem => new CommitDone(problem), error => new CommitFailed(RunServices.Explain(error)));
        }
    }

    private Core.Checkpoints.ModelFile BestModel() => Model with
    {
        Iteration = _progress.State.Selection!.BestIteration, Parameters = _progress.State.Selection.BestParameters,
    };

    private void Ending(RunStatus status, string? reason)
    {
        bool isOtherUnderWay = _commits.IsWriting;
        Receive<CommitDone>(done =>
        {
            Committed(done.Problem);
            EndOrTryAgain(isOtherUnderWay);
        });
        Receive<CommitFailed>(failed =>
        {
            _commits.Failed(_storePause);
            Degrade(failed.Sentence);
            EndOrTryAgain(++_failedTries < LastTries);
        });
        Receive<Ended>(ended =>
        {
            if (ended.Problem is not null)
            {
                Degrade(ended.Problem);
            }

            _publication.EndsWith(_progress.State);
            _publication.Publish(_progress, status, reason);
            Context.Parent.Tell(new TrainingEnded(status, _progress.State.Iteration));
            Become(Over);
        });
        Receive<Tick>(_ => Renew());
        ReceiveHold();
        ReceiveAny(message => _log.Debug("{MessageType} came while run {RunId} was ending", message.GetType().Name, RunId));

        void EndOrTryAgain(bool again)
        {
            isOtherUnderWay = false;
            if (again)
            {
                BeginLastCommit();
            }
            else
            {
                Release(status, reason);
            }
        }
    }

    private void Release(RunStatus status, string? reason)
    {
        _journal.Released(_progress.State.Iteration, reason ?? status.ToString());
        Pipe(_commits.Release(RunSnapshot.PhaseOf(status), reason), _ => new Ended(null), error => new Ended(RunServices.Explain(error)));
    }

    private void Over() => ReceiveAny(message => _log.Debug("{MessageType} came after run {RunId} was over", message.GetType().Name, RunId));

    private void Degrade(string problem)
    {
        _publication.Problem = problem;
        Warn(problem);
    }

    private void Warn(string? problem)
    {
        if (problem is not null)
        {
            _log.Warning("run {RunId}, iteration {Iteration}: {Problem}", RunId, _progress.State.Iteration, problem);
        }
    }

    private void Pipe<T>(Task<T> work, Func<T, object> success, Func<Exception, object> failure) => work.PipeTo(
        Self, success: success,
        failure: error => (error is AggregateException { InnerException: { } inner } ? inner : error) is FencedException fenced
            ? new Fenced(fenced.Message) : failure(error));

    private sealed record CommitDone(string? Problem);

    private sealed record CommitFailed(string Sentence);

    private sealed record Renewed(string? Problem);

    /// <summary>Journal lines or an episode, beside the commits.</summary>
    private sealed record WrittenBeside(string? Problem);

    private sealed record Ended(string? Problem);

    private sealed record Fenced(string Reason);
}
