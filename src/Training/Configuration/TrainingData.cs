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
            Scales = catalog.Scales, InputsDigest = catalog.InputsDigest, TrainingExamples = options.Supervised is null ? null : options.SplitExamples(catalog).Train.Length,
        };
    }

    /// <summary>How many examples a supervised run trains on in an epoch; null for a run on few-shot episodes.</summary>
    public int? TrainingExamples { get; init; }

    /// <summary>The units that its numbers were given in; null for those of the files.</summary>
    public ValueScales? Scales { get; init; }

    /// <summary>SHA-256 of what its inputs stand for; null where all data of the kind has the same.</summary>
    public string? InputsDigest { get; init; }

    [JsonIgnore]
    internal bool IsWhole => Digest is not null && !Train.IsDefault && !Validation.IsDefault && !Test.IsDefault;

    /// <summary>The classes of other data that neither trained the model nor chose among its versions, by their names.</summary>
    /// <param name="other">The other data.</param>
    /// <param name="selects">Whether the validation classes chose among its versions.</param>
    public ImmutableArray<int> UnseenOf(DatasetCatalog other, bool selects)
    {
        HashSet<string> seen = new(selects ? Train.Concat(Validation) : Train, StringComparer.Ordinal);
        return [.. Enumerable.Range(0, other.Classes.Length).Where(index => !seen.Contains(other.Classes[index].Name))];
    }

    /// <summary>Refuses other data whose inputs stand for other things than the model's.</summary>
    /// <exception cref="DataException">They do.</exception>
    public void RequireInputs(DatasetCatalog other)
    {
        if (InputsDigest != other.InputsDigest)
        {
            throw new DataException(
                $"the data here has other {(other.Input.Kind == InputKind.Tokens ? "items" : "columns, or other words in them,")} than the {other.Name} that the model was trained on, so its inputs would mean something else: "
                + "give data with the same ones in the same order");
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
        && Scales == other.Scales && InputsDigest == other.InputsDigest && TrainingExamples == other.TrainingExamples;

    /// <inheritdoc />
    public override int GetHashCode() => Digest.GetHashCode(StringComparison.Ordinal);
}
