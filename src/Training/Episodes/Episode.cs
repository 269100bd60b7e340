using System.Collections.Immutable;

namespace MetaMap.Training.Episodes;

/// <summary>
/// One few-shot task, or a slice of a supervised minibatch, which has no support set: class and example indices only, no pixels. The label of a class is its
/// position in <see cref="Classes"/>. Support and query examples of a class are disjoint.
/// </summary>
/// <param name="Index">Position in its meta-batch (or in its evaluation), from 0.</param>
/// <param name="Classes">The N classes, in label order.</param>
public sealed record Episode(int Index, ImmutableArray<EpisodeClass> Classes)
{
    /// <summary>Query examples, 1 or more.</summary>
    public int Queries => Classes.Sum(c => c.QueryExamples.Length);

    /// <summary>How much it counts in means over episodes: a few-shot task 1, a slice of a minibatch as much as it has examples.</summary>
    public int Weight => IsSlice ? Queries : 1;

    /// <summary>True for a slice of a minibatch, or of a supervised evaluation.</summary>
    public bool IsSlice => Classes.All(c => c.SupportExamples.IsEmpty);

    /// <summary>Equal when index and all classes are equal.</summary>
    public bool Equals(Episode? other) =>
        other is not null && Index == other.Index && Classes.AsSpan().SequenceEqual(other.Classes.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Index, Classes.Length);
}

/// <summary>One class of an episode.</summary>
/// <param name="ClassIndex">Index into the dataset's catalog.</param>
/// <param name="QuarterTurns">Rotation of every image of the class, in quarter turns counter-clockwise, 0 to 3.</param>
/// <param name="SupportExamples">Example indices of the support set, K of them.</param>
/// <param name="QueryExamples">Example indices of the query set, Q of them.</param>
public sealed record EpisodeClass(
    int ClassIndex, int QuarterTurns, ImmutableArray<int> SupportExamples, ImmutableArray<int> QueryExamples)
{
    /// <summary>Equal when every index is equal.</summary>
    public bool Equals(EpisodeClass? other) =>
        other is not null && ClassIndex == other.ClassIndex && QuarterTurns == other.QuarterTurns
        && SupportExamples.AsSpan().SequenceEqual(other.SupportExamples.AsSpan())
        && QueryExamples.AsSpan().SequenceEqual(other.QueryExamples.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(ClassIndex, QuarterTurns, SupportExamples.Length);
}

/// <summary>Consecutive episodes of one meta-batch: the unit that is leased to a worker and counted once.</summary>
/// <param name="Index">Position of the block in its meta-iteration, from 0.</param>
/// <param name="Episodes">The episodes, in order; gradients are summed in this order.</param>
public sealed record EpisodeBlock(int Index, ImmutableArray<Episode> Episodes)
{
    /// <summary>How much it counts in means over episodes.</summary>
    public int Weight => Episodes.Sum(episode => episode.Weight);

    /// <summary>Equal when index and all episodes are equal.</summary>
    public bool Equals(EpisodeBlock? other) =>
        other is not null && Index == other.Index && Episodes.AsSpan().SequenceEqual(other.Episodes.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Index, Episodes.Length);
}
