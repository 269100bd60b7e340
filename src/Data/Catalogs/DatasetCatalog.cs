using System.Collections.Immutable;

namespace MetaMap.Data;

/// <summary>
/// One class of a dataset. Where examples have a value to predict (regression) a class is a whole task: one curve, one
/// user, one group of rows.
/// </summary>
/// <param name="Name">Unique in the dataset, e.g. <c>images_background/Latin/character01</c>.</param>
/// <param name="ExampleCount">Examples of the class.</param>
/// <param name="Group">
/// Number of the task that the class belongs to, where only classes of one task may meet in an episode; -1 where all may.
/// </param>
/// <param name="Part">The part that the dataset's authors put the class into; null where they left it open.</param>
public sealed record DatasetClass(string Name, int ExampleCount, int Group = -1, SplitPart? Part = null)
{
    /// <summary>How many of its examples, the last ones, the dataset's authors gave for test; 0 where they left it open.</summary>
    public int TestExamples { get; init; }
}

/// <summary>How many of a dataset's classes are for training and for validation; the rest is for test.</summary>
/// <param name="Train">Classes for training.</param>
/// <param name="Validation">Classes for model selection.</param>
/// <param name="All">Classes of the whole dataset.</param>
public readonly record struct SplitSizes(int Train, int Validation, int All);

/// <summary>What the coordinator must know about a dataset to sample episodes: classes and shapes, no content.</summary>
/// <param name="Name">The dataset's name, e.g. <c>omniglot</c>.</param>
/// <param name="Input">Shape of every example's input.</param>
/// <param name="Classes">All classes, in a fixed order.</param>
/// <param name="Digest">SHA-256 (hex, lower case) of what the dataset was read or drawn from; workers compare it.</param>
public sealed record DatasetCatalog(string Name, InputShape Input, ImmutableArray<DatasetClass> Classes, string Digest)
{
    /// <summary>Values to predict per example: 0 for classification (the label is the class's position in the episode), 1 or more for regression.</summary>
    public int TargetLength { get; init; }

    /// <summary>True when an episode's support examples must come before its query examples in the order of the class (time).</summary>
    public bool IsOrdered { get; init; }

    /// <summary>True when each class of an episode is rotated by quarter turns, which gives new classes (Omniglot; Santoro et al. 2016).</summary>
    public bool RotatesClasses { get; init; }

    /// <summary>Sizes of the parts of the seeded split; null for three fifths, one fifth and one fifth.</summary>
    public SplitSizes? SeededParts { get; init; }

    /// <summary>The authors' split as a function of the seed, where the parts that the classes name do not describe it; null for none.</summary>
    public Func<DatasetCatalog, long, ClassSplit>? OfficialSplit { get; init; }

    /// <summary>What people are told when the dataset is opened, a line each: what was guessed, filled in or left out.</summary>
    public ImmutableArray<string> Notices { get; init; } = [];

    /// <summary>Which classes are not among <see cref="Classes"/> because they are too small, as one of the <see cref="Notices"/>; null for none.</summary>
    public string? LeftOut { get; init; }

    /// <summary>What messages call classes and examples, e.g. <c>users</c> and <c>ratings</c>.</summary>
    public (string Classes, string Examples) Nouns { get; init; } = ("classes", "examples");

    /// <summary>What its inputs stand for, by name; null where all data of this kind has the same.</summary>
    public InputNames? Inputs { get; init; }

    /// <summary>True when its numbers have units of their own, which say nothing of how much they matter: columns of a table, ratings.</summary>
    public bool HasUnits { get; init; }

    /// <summary>The units that its numbers are given in; null for those of the files.</summary>
    public ValueScales? Scales { get; init; }

    /// <summary>What a mean squared error of one value to predict is multiplied by to be one in the units of the files.</summary>
    public double SquaredErrorUnit => Scales is { TargetDeviations: [var deviation] } ? deviation * deviation : 1;

    /// <summary>True when examples have values to predict instead of class labels.</summary>
    public bool IsRegression => TargetLength > 0;
}
