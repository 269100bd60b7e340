using MetaMap.Coordinator.Stores;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>What a command has come to.</summary>
/// <param name="Answer">For the client.</param>
/// <param name="Claimed">The run to train from now on; null when it is not to be trained here now.</param>
public sealed record CommandResult(object Answer, PreparedRun? Claimed);

/// <summary>Commands to a run that this node does not train, carried out on the store. Slow, never run on an actor's thread.</summary>
/// <param name="services">Of the node.</param>
public sealed class RunCommands(RunServices services)
{
    /// <summary>Enters a run, and claims it if it is its turn.</summary>
    public Task<CommandResult> Start(StartRun start) => Task.Run(async () =>
    {
        (StoredRun run, bool isAdmitted) = await services.Preparation.Enter(start).ConfigureAwait(false);
        if (!isAdmitted)
        {
            services.Board.Remove(start.RunId);
            return new CommandResult(new RunStarted(start.RunId, run.Iteration), null);
        }

        PreparedRun claimed = await services.Preparation.Claim(start.RunId).ConfigureAwait(false);
        return new CommandResult(new RunStarted(start.RunId, claimed.State.Iteration), claimed);
    });

    /// <summary>Claims a run whose turn it is; one that cannot be trained is failed with the reason.</summary>
    public Task<CommandResult> TakeUp(RunId runId) => Task.Run(async () =>
    {
        try
        {
            PreparedRun claimed = await services.Preparation.Claim(runId).ConfigureAwait(false);
            return new CommandResult(new RunStarted(runId, claimed.State.Iteration), claimed);
        }
        catch (Exception error) when (error is Core.ConfigurationException or Core.DataException)
        {
            await services.Store.SetPhase(runId.Value, RunPhase.Failed, error.Message).ConfigureAwait(false);
            return new CommandResult(new RunRefused(runId, error.Message), null);
        }
    });

    /// <summary>Lets a paused, stopped or failed run go on, at once if it is its turn.</summary>
    public Task<CommandResult> Resume(RunId runId) => Known(runId, async run =>
    {
        if (run.Phase is RunPhase.Finished)
        {
            return Refused(runId, $"Run {runId} is finished; start it again with more --iterations and --resume.");
        }

        await services.Store.SetPhase(run.RunId, RunPhase.Active, null).ConfigureAwait(false);
        bool isAdmitted = run.IsAttended || RunAdmission.Admitted(await services.Store.List().ConfigureAwait(false), services.Settings.MaxRuns).Contains(run.RunId);
        if (!isAdmitted)
        {
            services.Board.Remove(runId);
            return Changed(run, RunStatus.Queued);
        }

        PreparedRun claimed = await services.Preparation.Claim(runId).ConfigureAwait(false);
        return Changed(run, RunStatus.Training) with { Claimed = claimed };
    });

    /// <summary>Pauses a run that waits.</summary>
    public Task<CommandResult> Pause(RunId runId) => Known(runId, async run =>
    {
        if (run.Phase is not (RunPhase.Active or RunPhase.Paused))
        {
            return Refused(runId, $"Run {runId} is {run.Phase.ToString().ToLowerInvariant()}, so there is nothing to pause.");
        }

        await services.Store.SetPhase(run.RunId, RunPhase.Paused, null).ConfigureAwait(false);
        return Changed(run, RunStatus.Paused);
    });

    /// <summary>Stops a run that waits or is paused; one that is over stays as it is.</summary>
    public Task<CommandResult> Stop(RunId runId) => Known(runId, async run =>
    {
        if (run.Phase is RunPhase.Active or RunPhase.Paused)
        {
            await services.Store.SetPhase(run.RunId, RunPhase.Stopped, null).ConfigureAwait(false);
            if (services.Board.Find(runId) is { } last)
            {
                services.Board.Publish(last with { Status = RunStatus.Stopped });
            }
        }

        return new CommandResult(new RunStopped(runId, run.Iteration), null);
    });

    /// <summary>Forgets a run.</summary>
    public Task<CommandResult> Delete(RunId runId) => Known(runId, async run =>
    {
        await services.Store.Delete(run.RunId).ConfigureAwait(false);
        services.Board.Remove(runId);
        return Changed(run, "Deleted");
    });

    /// <summary>The trainer of a run has crashed: the run is failed.</summary>
    public Task<CommandResult> Crashed(RunId runId) => Task.Run(async () =>
    {
        string problem = $"Run {runId} failed: its trainer crashed, which is a defect of MetaMap; the log says more, and the run can be resumed.";
        if (services.Board.Find(runId) is { } last)
        {
            services.Board.Publish(last with { Status = RunStatus.Failed, Problem = problem });
        }

        await services.Store.SetPhase(runId.Value, RunPhase.Failed, problem).ConfigureAwait(false);
        return new CommandResult(new RunRefused(runId, problem), null);
    });

    private Task<CommandResult> Known(RunId runId, Func<StoredRun, Task<CommandResult>> command) => Task.Run(async () =>
        await services.Store.Find(runId.Value).ConfigureAwait(false) is { } run
            ? await command(run).ConfigureAwait(false) : Refused(runId, $"There is no run {runId} in {services.Store.Location}."));

    private static CommandResult Changed(StoredRun run, RunStatus status) => Changed(run, status.ToString());

    private static CommandResult Changed(StoredRun run, string status) => new(new RunChanged(new RunId(run.RunId), status, run.Iteration), null);

    private static CommandResult Refused(RunId runId, string reason) => new(new RunRefused(runId, reason), null);
}
