using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Coordinator.Stores;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Runs.Lifecycle;

/// <summary>The result of a command.</summary>
/// <param name="Answer">For the client.</param>
/// <param name="Claimed">The run to train from now on; null when it is not to be trained here now.</param>
/// <param name="Change">What will be otherwise than in one long run; null when nothing.</param>
internal sealed record CommandResult(object Answer, PreparedRun? Claimed, string? Change = null);

/// <summary>Carries out commands to runs that this node does not train, on the store. Slow, never run on an actor's thread.</summary>
/// <param name="services">The node's services.</param>
/// <param name="left">The runs that this node leaves alone.</param>
internal sealed class RunCommands(RunServices services, LeftRuns left)
{
    /// <summary>Enters a new run, or one to be continued, into the store, and claims it if it is its turn.</summary>
    public Task<CommandResult> Start(StartRun start) => Task.Run(async () =>
    {
        left.Take(start.RunId.Value);
        (StoredRun run, string? change) = await Enter(start).ConfigureAwait(false);
        PreparedRun? claimed = await TryClaimInTurn(run).ConfigureAwait(false);
        return new CommandResult(new RunStarted(start.RunId, claimed?.State.Iteration ?? run.Iteration), claimed, change);
    });

    /// <summary>Carries out a command by the rules of <see cref="RunLifecycle"/>.</summary>
    public Task<CommandResult> CarryOut(CommandRun command) => Task.Run(async () =>
    {
        RunId runId = command.RunId;
        if (await services.Store.Find(runId.Value).ConfigureAwait(false) is not { } run)
        {
            return Refused(runId, $"There is no run {runId} in {services.Store.Location}.");
        }

        RunTransition after = RunLifecycle.After(run.Status, run.Owner is null ? RunOwnership.Nobody : RunOwnership.Elsewhere, command.Command);
        return after.Refusal is { } refusal ? Refused(runId, $"Run {runId} {refusal}") : (command.Command, after.Status) switch
        {
            (RunCommand.Delete, _) => await Delete(run).ConfigureAwait(false),
            (RunCommand.TakeUp, _) => await TakeUp(runId).ConfigureAwait(false),
            (RunCommand.Resume, _) => await Resume(run).ConfigureAwait(false),
            _ => await Leave(run, after.Status).ConfigureAwait(false),
        };
    });

    /// <summary>The trainer of a run has crashed: marks the run as failed.</summary>
    public Task<CommandResult> Crashed(RunId runId) => Task.Run(async () =>
    {
        string problem = $"Run {runId} failed: its trainer crashed, which is a defect of MetaMap; the log says more, and the run can be resumed.";
        Show(runId, RunStatus.Failed, problem);
        await services.Store.SetStatus(runId.Value, RunStatus.Failed, problem).ConfigureAwait(false);
        return Refused(runId, problem);
    });

    private async Task<CommandResult> Delete(StoredRun run)
    {
        await services.Store.Delete(run.RunId).ConfigureAwait(false);
        services.Board.Remove(new RunId(run.RunId));
        return Changed(run, RunStatus.Deleted);
    }

    /// <summary>Claims a run whose turn it is; a run that cannot be trained is marked as failed, with the reason.</summary>
    private async Task<CommandResult> TakeUp(RunId runId)
    {
        try
        {
            PreparedRun claimed = await services.Preparation.Claim(runId).ConfigureAwait(false);
            return new CommandResult(new RunChanged(runId, RunStatus.Training, claimed.State.Iteration), claimed);
        }
        catch (Exception error) when (error is ConfigurationException or DataException)
        {
            await services.Store.SetStatus(runId.Value, RunStatus.Failed, error.Message).ConfigureAwait(false);
            return Refused(runId, error.Message);
        }
    }

    private async Task<CommandResult> Resume(StoredRun run)
    {
        left.Take(run.RunId);
        await services.Store.Queue(run.RunId, isAttended: false).ConfigureAwait(false);
        PreparedRun? claimed = await TryClaimInTurn(run with { IsAttended = false }).ConfigureAwait(false);
        return Changed(run, claimed is null ? RunStatus.Queued : RunStatus.Training) with { Claimed = claimed };
    }

    private async Task<CommandResult> Leave(StoredRun run, RunStatus status)
    {
        if (status != run.Status)
        {
            await services.Store.SetStatus(run.RunId, status, null).ConfigureAwait(false);
            Show(new RunId(run.RunId), status, null);
        }

        return Changed(run, status);
    }

    /// <summary>Enters a new run, or one to be continued, into the store.</summary>
    private async Task<(StoredRun Run, string? Change)> Enter(StartRun start)
    {
        StoredRun? known = start.Resume ? await services.Store.Find(start.RunId.Value).ConfigureAwait(false) : null;
        string source = $"The request to start run {start.RunId}";
        RunOptions options = known is null ? RunOptionsJson.Read(start.OptionsJson, source) : RunOptionsJson.ReadOver(known.Options, start.OptionsJson, source);
        (MetaTraining training, IEpisodeDataset dataset) = services.Preparation.Open(start.RunId.Value, options);
        start.Policy.Validate();
        BlockSize.Check(training);
        if (known is not null)
        {
            known.Data?.Require(known.RunId, training.Catalog);
            ResumedRun.Check(known.Options, known.Iteration, training.Options, known.Location);
            await services.Store.Queue(known.RunId, start.IsAttended, training.Options, known.Policy.Resumed(start.Policy)).ConfigureAwait(false);
            // A client that stays says it itself.
            return (known with { IsAttended = start.IsAttended }, start.IsAttended ? null : ResumedRun.Change(known.Options, known.Iteration, training.Options));
        }

        _ = training.Options.InitSha256 is null ? null : training.Begin(dataset);
        return (await services.Preparation.Enter(training, start.Policy, start.IsAttended, null).ConfigureAwait(false), null);
    }

    /// <summary>Claims a run if it is its turn, and the store works: what is entered is taken up later, so it was not refused.</summary>
    private async Task<PreparedRun?> TryClaimInTurn(StoredRun run)
    {
        try
        {
            return await ClaimInTurn(run).ConfigureAwait(false);
        }
        catch (StoreException) when (!run.IsAttended)
        {
            return null;
        }
    }

    /// <summary>Claims a run if it is its turn; attended runs need not wait.</summary>
    private async Task<PreparedRun?> ClaimInTurn(StoredRun run)
    {
        if (run.IsAttended || RunAdmission.Admitted(left.Without(await services.Store.List().ConfigureAwait(false), out _), services.Settings.MaxRuns).Contains(run.RunId))
        {
            return await services.Preparation.Claim(new RunId(run.RunId)).ConfigureAwait(false);
        }

        services.Board.Remove(new RunId(run.RunId));
        return null;
    }

    private void Show(RunId runId, RunStatus status, string? problem)
    {
        if (services.Board.Find(runId) is { } last)
        {
            services.Board.Publish(last with { Status = status, Problem = problem ?? last.Problem });
        }
    }

    private static CommandResult Changed(StoredRun run, RunStatus status) => new(new RunChanged(new RunId(run.RunId), status, run.Iteration), null);

    private static CommandResult Refused(RunId runId, string reason) => new(new RunRefused(runId, reason), null);
}
