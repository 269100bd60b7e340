using System.Collections.Immutable;
using System.Text.Json.Serialization;
using MetaMap.Core;
using MetaMap.Data;

namespace MetaMap.Training.Configuration;

/// <summary>
/// The data that a model was trained on; stored in every model file. The names are empty where the dataset draws its own classes, which its digest
/// says all about.
/// </summary>
/// <param name="Digest">SHA-256 (hex, lower case) of the dataset.</param>
/// <param name="Train">Names of the classes (or tasks) that it was trained on, in the catalog's order.</param>
/// <param name="Validation">Of those that chose among its versions.</param>
/// <param name="Test">Of those that it never saw.</param>
public sealed record TrainingData(string Digest, ImmutableArray<string> Train, ImmutableArray<string> Validation, ImmutableArray<string> Test)
{
    /// <summary>The data of a run.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="catalog">Its dataset.</param>
    /// <exception cref="ConfigurationException">No such split.</exception>
    public static TrainingData Of(RunOptions options, DatasetCatalog catalog)
    {
        ClassSplit split = options.Supervised is null ? ClassSplitter.Split(catalog, options.Split, options.Seed) : new ClassSplit(options.TrainingClasses(catalog), [], []);
        ImmutableArray<string> Names(ImmutableArray<int> classes) =>
            options.DatasetDefinition.NeedsFolder ? [.. classes.Select(index => catalog.Classes[index].Name)] : [];
        return new TrainingData(catalog.Digest, Names(split.Train), Names(split.Validation), Names(split.Test))
        {
            Scales = catalog.Scales, Inputs = catalog.Inputs, TrainingExamples = options.Supervised is null ? null : options.SplitExamples(catalog).Train.Length,
        };
    }

    /// <summary>How many examples a supervised run trains on in an epoch; null for a run on few-shot episodes.</summary>
    public int? TrainingExamples { get; init; }

    /// <summary>The units that its numbers were given in; null for those of the files.</summary>
    public ValueScales? Scales { get; init; }

    /// <summary>What its inputs stand for, by name; null where all data of the kind has the same, and in files of versions before 2026-11-28.</summary>
    public InputNames? Inputs { get; init; }

    /// <summary>SHA-256 (hex, lower case) of the names of its inputs, which is all that files of versions before 2026-11-28 say of them.</summary>
    public string? InputsDigest { get; init; }

    [JsonIgnore]
    internal bool IsWhole => Digest is not null && !Train.IsDefault && !Validation.IsDefault && !Test.IsDefault && Inputs is not { IsWhole: false };

    /// <summary>The classes of other data that neither trained the model nor chose among its versions, by their names.</summary>
    /// <param name="other">The other data.</param>
    /// <param name="selects">Whether the validation classes chose among its versions.</param>
    public ImmutableArray<int> UnseenOf(DatasetCatalog other, bool selects)
    {
        HashSet<string> seen = new(selects ? Train.Concat(Validation) : Train, StringComparer.Ordinal);
        return [.. Enumerable.Range(0, other.Classes.Length).Where(index => !seen.Contains(other.Classes[index].Name))];
    }

    /// <summary>Refuses other data whose inputs cannot be found by name, because an older version did not store the names that the model knows.</summary>
    /// <exception cref="DataException">They cannot.</exception>
    public void RequireInputs(DatasetCatalog other)
    {
        if (Inputs is null && other.Inputs is { } names && InputsDigest != Digests.OfNames(names.All))
        {
            throw new DataException(
                $"the model's file, of an older version, does not name the {(other.Input.Kind == InputKind.Tokens ? "items" : "columns and words")} that it was trained on, and the data here has others or is read in another way: train it again, "
                + "or evaluate it with the version that trained it");
        }
    }

    /// <summary>Refuses to go on with a run on other data than it began with.</summary>
    /// <param name="run">The run.</param>
    /// <param name="catalog">The data that is here.</param>
    /// <exception cref="DataException">It is other data.</exception>
    public void Require(string run, DatasetCatalog catalog)
    {
        if (catalog.Digest != Digest)
        {
            throw new DataException(
                $"Run {run} was trained on {catalog.Name} {Digests.Abbreviate(Digest)}, the data here is {Digests.Abbreviate(catalog.Digest)}: go on with the same files, or start another run.");
        }
    }

    /// <summary>Equal when digest and names are.</summary>
    public bool Equals(TrainingData? other) =>
        other is not null && Digest == other.Digest && Train.AsSpan().SequenceEqual(other.Train.AsSpan())
        && Validation.AsSpan().SequenceEqual(other.Validation.AsSpan()) && Test.AsSpan().SequenceEqual(other.Test.AsSpan())
        && Scales == other.Scales && Inputs == other.Inputs && InputsDigest == other.InputsDigest && TrainingExamples == other.TrainingExamples;

    /// <inheritdoc />
    public override int GetHashCode() => Digest.GetHashCode(StringComparison.Ordinal);
}
