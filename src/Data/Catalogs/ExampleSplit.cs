using System.Collections.Immutable;
using MetaMap.Core;

namespace MetaMap.Data;

/// <summary>One example of a dataset.</summary>
/// <param name="Class">Index into the catalog.</param>
/// <param name="Example">Index in the class.</param>
public readonly record struct ExampleIndex(int Class, int Example);

/// <summary>
/// A partition of a dataset's examples, for supervised training: every class has examples in each part. A function of the catalog and the
/// seed in the configuration alone.
/// </summary>
/// <param name="Train">Examples for training, class by class.</param>
/// <param name="Validation">Examples for model selection; none where nothing is selected.</param>
/// <param name="Test">Examples that are never trained on.</param>
public sealed record ExampleSplit(ImmutableArray<ExampleIndex> Train, ImmutableArray<ExampleIndex> Validation, ImmutableArray<ExampleIndex> Test)
{
    // Of the examples of a class.
    private const int Share = 5;

    /// <summary>The examples of one part.</summary>
    public ImmutableArray<ExampleIndex> this[SplitPart part] => part switch
    {
        SplitPart.Train => Train,
        SplitPart.Validation => Validation,
        _ => Test,
    };

    /// <summary>
    /// For test the examples that the authors name (<see cref="DatasetClass.TestExamples"/>), otherwise a fifth of each class, rounded down; for validation, where
    /// it is wanted, a fifth of what is left. Both are drawn by the seed, and in classes whose examples have an order (time) they are the last ones.
    /// </summary>
    /// <param name="catalog">The dataset.</param>
    /// <param name="seed">The seed of the configuration.</param>
    /// <param name="hasValidation">Whether there is a validation part.</param>
    /// <exception cref="DataException">There are too few examples to train and to test.</exception>
    public static ExampleSplit Of(DatasetCatalog catalog, long seed, bool hasValidation)
    {
        ExampleSplit split = Divide(catalog, seed, hasValidation);
        return split.Train.Length > 0 && split.Test.Length > 0 && (!hasValidation || split.Validation.Length > 0) ? split : throw new DataException(
            $"dataset {catalog.Name} has {split.Train.Length} {catalog.Nouns.Examples} to train on, {split.Validation.Length} for validation and {split.Test.Length} for test, after a fifth of those of each of its {catalog.Nouns.Classes} "
            + $"was set aside: add {catalog.Nouns.Examples}, so that each of the {catalog.Nouns.Classes} has {Share} or more");
    }

    /// <summary>The same partition where a part may be empty: of data that is evaluated and not trained on.</summary>
    /// <param name="catalog">The dataset.</param>
    /// <param name="seed">The seed of the configuration.</param>
    /// <param name="hasValidation">Whether there is a validation part.</param>
    public static ExampleSplit Divide(DatasetCatalog catalog, long seed, bool hasValidation)
    {
        bool isOfficial = catalog.Classes.Any(item => item.TestExamples > 0);
        ImmutableArray<ExampleIndex>.Builder[] builders = [.. Enum.GetValues<SplitPart>().Select(_ => ImmutableArray.CreateBuilder<ExampleIndex>())];
        for (int index = 0; index < catalog.Classes.Length; index++)
        {
            DatasetClass item = catalog.Classes[index];
            int open = item.ExampleCount - item.TestExamples;
            int[] order = catalog.IsOrdered ? [.. Enumerable.Range(0, open)] : DeterministicRandom.For("example-split", seed, index).Sample(open, open);
            int test = isOfficial ? 0 : open / Share;
            int validation = hasValidation ? (open - test) / Share : 0;
            Add(SplitPart.Train, index, order[..(open - test - validation)]);
            Add(SplitPart.Validation, index, order[(open - test - validation)..(open - test)]);
            Add(SplitPart.Test, index, [.. order[(open - test)..], .. Enumerable.Range(open, item.TestExamples)]);
        }

        return new ExampleSplit(builders[0].ToImmutable(), builders[1].ToImmutable(), builders[2].ToImmutable());

        void Add(SplitPart part, int index, int[] examples)
        {
            Array.Sort(examples);
            builders[(int)part].AddRange(examples.Select(example => new ExampleIndex(index, example)));
        }
    }
}
