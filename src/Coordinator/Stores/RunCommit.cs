using System.Collections.Immutable;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Stores;

/// <summary>Iterations that become durable together. Group commit: while one group is being written, the next iterations gather.</summary>
/// <param name="Number">Number of the commit within its claim, from 1. Retried unchanged if its outcome is unknown, and carried out once.</param>
/// <param name="State">The state after the last of the iterations.</param>
/// <param name="Model">The meta-model to publish.</param>
/// <param name="Measures">One line per iteration or measurement, in order.</param>
/// <param name="Facts">What happened to their blocks; written before the state.</param>
/// <param name="Committed">What is true once the state is durable; follows <paramref name="Facts"/>, written after the state.</param>
/// <param name="IsModelExported">Write the model file as well, where the store has one.</param>
internal sealed record RunCommit(
    int Number, MetaState State, ModelFile Model, ImmutableArray<MeasureLine> Measures, JournalLines Facts, JournalLines Committed, bool IsModelExported)
{
    /// <summary>Earlier states among the iterations that are kept for good.</summary>
    public ImmutableArray<MetaState> Kept { get; init; } = [];
}

/// <summary>One line of measures.</summary>
/// <param name="Iteration">The iteration it belongs to.</param>
/// <param name="Json">The line.</param>
internal readonly record struct MeasureLine(int Iteration, string Json);

/// <summary>Successive lines of a run's journal. Every claim numbers its lines from 1, so that lines sent again are stored once.</summary>
/// <param name="First">Number of the first line.</param>
/// <param name="Lines">In order; may be none.</param>
internal readonly record struct JournalLines(long First, ImmutableArray<string> Lines)
{
    /// <summary>Number of the last line; the one before <see cref="First"/> where there are none.</summary>
    public long Last => First - 1 + Lines.Length;

    /// <summary>The lines that are not stored yet.</summary>
    /// <param name="stored">Number of the last line that is stored.</param>
    /// <exception cref="InvalidOperationException">Lines in between are missing.</exception>
    public IEnumerable<string> After(long stored) => First <= stored + 1 ? Lines.Skip((int)Math.Min(Lines.Length, stored + 1 - First))
        : throw new InvalidOperationException($"Line {First} of the journal was to be stored, but the next one is {stored + 1}.");
}
