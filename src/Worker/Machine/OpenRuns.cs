using System.Collections.Immutable;
using Akka.Actor;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Machine;

/// <summary>A run on this worker.</summary>
/// <param name="Number">Number of its opening.</param>
/// <param name="Opened">The coordinator's description of it.</param>
/// <param name="Coordinator">The coordinator that last named it.</param>
/// <param name="NamedAt">When a coordinator last named it.</param>
/// <param name="Layout">Layout of its parameters; null before it is open.</param>
/// <param name="Kernels">How its convolutions are computed here; empty before it is open.</param>
/// <param name="Declined">Why it cannot be computed here; null when it can, or nobody knows yet.</param>
internal sealed record RunHere(
    int Number, RunOpened Opened, Address Coordinator, TimeSpan NamedAt, ParameterLayout? Layout = null, string Kernels = "", RunDeclined? Declined = null)
{
    public RunId RunId => Opened.RunId;

    /// <summary>Its leases can be computed.</summary>
    public bool IsOpen => Layout is not null;
}

/// <summary>
/// The runs that coordinators have named, open or not. Coordinators name their open runs repeatedly, so that a lost message
/// does not matter: a run that is known, or was declined, is not opened twice, and one that is no longer named is over.
/// </summary>
/// <param name="All">In the order in which they were named.</param>
/// <param name="LastNumber">Number of the latest opening.</param>
internal sealed record OpenRuns(ImmutableList<RunHere> All, int LastNumber)
{
    public static OpenRuns None { get; } = new([], 0);

    public IEnumerable<RunHere> Open => All.Where(run => run.IsOpen);

    public RunHere? Find(RunId runId) => All.Find(run => run.RunId == runId);

    public RunHere? Find(int number) => All.Find(run => run.Number == number);

    /// <summary>Adds a run to open.</summary>
    public (OpenRuns Next, RunHere Opening) Add(RunOpened opened, Address coordinator, TimeSpan now)
    {
        RunHere opening = new(LastNumber + 1, opened, coordinator, now);
        return (new(All.Add(opening), opening.Number), opening);
    }

    /// <summary>Replaces a run by its changed state.</summary>
    public OpenRuns Put(RunHere run) => this with { All = All.SetItem(All.FindIndex(known => known.Number == run.Number), run) };

    public OpenRuns Remove(RunHere run) => this with { All = All.RemoveAll(known => known.Number == run.Number) };
}
