using System.Collections.Immutable;
using Akka.Event;

namespace MetaMap.Worker.Machine;

/// <summary>The state and effects of one step of a worker, while the rules work on them.</summary>
/// <param name="state">The worker before.</param>
/// <param name="now">Time on its monotonic clock.</param>
internal sealed class WorkerTurn(WorkerState state, TimeSpan now)
{
    private readonly ImmutableArray<WorkerEffect>.Builder _effects = ImmutableArray.CreateBuilder<WorkerEffect>();

    public WorkerState State { get; set; } = state;

    public TimeSpan Now => now;

    public WorkerProfile Profile => State.Profile;

    public Contact Contact
    {
        get => State.Contact;
        set => State = State with { Contact = value };
    }

    public OpenRuns Runs
    {
        get => State.Runs;
        set => State = State with { Runs = value };
    }

    public LeaseDesk Desk
    {
        get => State.Desk;
        set => State = State with { Desk = value };
    }

    public ParameterVersions Versions
    {
        get => State.Versions;
        set => State = State with { Versions = value };
    }

    public GradientShelf Shelf
    {
        get => State.Shelf;
        set => State = State with { Shelf = value };
    }

    public Departure Departure
    {
        get => State.Departure;
        set => State = State with { Departure = value };
    }

    public ImmutableArray<WorkerEffect> Effects => _effects.ToImmutable();

    public void Do(WorkerEffect effect) => _effects.Add(effect);

    public void Log(LogLevel level, string template, params ImmutableArray<object> values) => Do(new WorkerEffect.Log(level, template, values));
}
