namespace MetaMap.Coordinator.Runs.Board;

/// <summary>
/// How long the iterations of a run took where it is trained, in seconds, all together: the parts between the last answer of a round and
/// the first lease of the next, and the commits, which training does not wait for.
/// </summary>
/// <param name="Gradient">From the last answer of a round to the last gradient.</param>
/// <param name="Reduce">Judging and adding the blocks.</param>
/// <param name="Step">The step of the meta-optimiser, and the digest of the new parameters.</param>
/// <param name="Sample">Drawing the episodes of the next round.</param>
/// <param name="Commit">From the beginning of a commit until it is durable.</param>
public readonly record struct IterationTimes(double Gradient = 0, double Reduce = 0, double Step = 0, double Sample = 0, double Commit = 0)
{
    /// <summary>Of two sets of iterations together.</summary>
    public static IterationTimes operator +(IterationTimes one, IterationTimes other) => new(
        one.Gradient + other.Gradient, one.Reduce + other.Reduce, one.Step + other.Step, one.Sample + other.Sample, one.Commit + other.Commit);

    /// <summary>From an earlier to a later moment.</summary>
    public static IterationTimes operator -(IterationTimes later, IterationTimes earlier) => new(
        later.Gradient - earlier.Gradient, later.Reduce - earlier.Reduce, later.Step - earlier.Step, later.Sample - earlier.Sample, later.Commit - earlier.Commit);
}
