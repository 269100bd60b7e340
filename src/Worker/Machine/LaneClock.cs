using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Machine;

/// <summary>Adds up what a worker's lanes do, from input to input. Pure.</summary>
/// <param name="At">Until when.</param>
/// <param name="Times">What they have done until then.</param>
internal sealed record LaneClock(TimeSpan At, LaneTimes Times)
{
    /// <summary>Time has passed in which nothing changed at the desk.</summary>
    public LaneClock Until(TimeSpan now, LeaseDesk desk)
    {
        double seconds = (now - At).TotalSeconds;
        int free = desk.Lanes.Count(work => work is null);
        int waiting = Math.Min(free, desk.Held.Count(held => held.Parameters is null));
        return new(now, Times + new LaneTimes(seconds * (free - waiting), seconds * waiting, 0, seconds * (desk.Lanes.Length - free)));
    }

    /// <summary>A part of the time of a block that has ended was for loading its episodes.</summary>
    public LaneClock Loaded(TimeSpan loading) =>
        this with { Times = Times + new LaneTimes(0, 0, loading.TotalSeconds, -loading.TotalSeconds) };
}
