using System.Collections.Immutable;
using Akka.Event;
using MetaMap.Coordinator.Journal;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>The state and effects of one step of a run, while the rules work on them.</summary>
/// <param name="state">The run before.</param>
/// <param name="now">Elapsed time on the coordinator's monotonic clock.</param>
internal sealed class RunTurn(RunState state, TimeSpan now)
{
    private readonly ImmutableArray<RunEffect>.Builder _effects = ImmutableArray.CreateBuilder<RunEffect>();

    public RunState State { get; set; } = state;

    public TimeSpan Now => now;

    public RunId RunId => State.Setup.RunId;

    public RunProgress Progress
    {
        get => State.Progress;
        set => State = State with { Progress = value };
    }

    public RunEvaluations Evaluations
    {
        get => State.Evaluations;
        set => State = State with { Evaluations = value };
    }

    public CommitQueue Commits
    {
        get => State.Commits;
        set => State = State with { Commits = value };
    }

    public RunStage Stage
    {
        get => State.Stage;
        set => State = State with { Stage = value };
    }

    public DurableRun Durable
    {
        get => State.Durable;
        set => State = State with { Durable = value };
    }

    public (RunState State, ImmutableArray<RunEffect> Effects) Result => (State, _effects.ToImmutable());

    public static BlobId IdOf(ParameterVector parameters) => new(parameters.Sha256, parameters.Bytes.Length);

    public void Do(RunEffect effect) => _effects.Add(effect);

    public void Note(JournalEntry entry) => Do(new RunEffect.Note(entry));

    public void Log(LogLevel level, string template, params ImmutableArray<object?> values) => Do(new RunEffect.Log(level, template, values));

    /// <summary>Logs a warning about something that does not end the run; null logs nothing.</summary>
    public void Warn(string? problem)
    {
        if (problem is not null)
        {
            Log(LogLevel.WarningLevel, "run {RunId}, iteration {Iteration}: {Problem}", RunId, Progress.State.Iteration, problem);
        }
    }

    public void Publish(RunStatus status, string? reason) => Do(new RunEffect.Publish(State.Snapshot(status, reason, now)));

    public void Refuse(long client, string reason) => Do(new RunEffect.Reply(client, new RunRefused(RunId, reason)));
}
