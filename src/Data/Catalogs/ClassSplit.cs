using System.Collections.Immutable;

namespace MetaMap.Data;

/// <summary>The three disjoint groups of classes.</summary>
public enum SplitPart
{
    /// <summary>Classes for meta-training.</summary>
    Train,

    /// <summary>Classes for model selection.</summary>
    Validation,

    /// <summary>Classes that are never seen in training.</summary>
    Test,
}

/// <summary>A partition of a dataset's classes. A function of the catalog and the seed in the configuration alone.</summary>
/// <param name="Train">Indices into the catalog.</param>
/// <param name="Validation">Indices into the catalog.</param>
/// <param name="Test">Indices into the catalog.</param>
public sealed record ClassSplit(ImmutableArray<int> Train, ImmutableArray<int> Validation, ImmutableArray<int> Test)
{
    /// <summary>The classes of one part.</summary>
    public ImmutableArray<int> this[SplitPart part] => part switch
    {
        SplitPart.Train => Train,
        SplitPart.Validation => Validation,
        _ => Test,
    };
}
