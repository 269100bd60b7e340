using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MetaMap.Data;

/// <summary>What the inputs of a dataset stand for, by name: items, or columns of a table. A model file carries them.</summary>
/// <param name="Items">The items that tokens stand for, from 1; 0 stands for every other item.</param>
/// <param name="Columns">The columns that the values of a vector come from, in order.</param>
public sealed record InputNames(ImmutableArray<string> Items, ImmutableArray<InputColumnName> Columns)
{
    /// <summary>Names of items.</summary>
    public static InputNames OfItems(IEnumerable<string> items) => new([.. items], []);

    /// <summary>Names of columns.</summary>
    public static InputNames OfColumns(IEnumerable<InputColumnName> columns) => new([], [.. columns]);

    /// <summary>A name for every token or value, as older versions digested them.</summary>
    [JsonIgnore]
    public IEnumerable<string> All => Items.Concat(Columns.SelectMany(column => column.Values));

    /// <summary>Whether nothing is missing, as in a damaged file.</summary>
    [JsonIgnore]
    public bool IsWhole => !Items.IsDefault && !Columns.IsDefault && Columns.All(column => column is { Name: not null, Words.IsDefault: false });

    /// <summary>Equal when all names are, in order.</summary>
    public bool Equals(InputNames? other) => other is not null && Items.AsSpan().SequenceEqual(other.Items.AsSpan()) && Columns.AsSpan().SequenceEqual(other.Columns.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Items.Length, Columns.Length);
}

/// <summary>A column of a table as inputs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Words">The words that have an input each; none for a column of numbers.</param>
/// <param name="HasMissing">Whether numbers are missing, so that one more input says where.</param>
public sealed record InputColumnName(string Name, ImmutableArray<string> Words, bool HasMissing)
{
    /// <summary>Whether it holds words; otherwise numbers.</summary>
    [JsonIgnore]
    public bool HoldsWords => !Words.IsEmpty;

    /// <summary>Number of its inputs.</summary>
    [JsonIgnore]
    public int Length => HoldsWords ? Words.Length : HasMissing ? 2 : 1;

    /// <summary>A name for each of its inputs.</summary>
    [JsonIgnore]
    public IEnumerable<string> Values => HoldsWords ? Words.Select(word => $"{Name} is {word}") : HasMissing ? [Name, $"{Name} is missing"] : [Name];

    /// <summary>Equal when all is.</summary>
    public bool Equals(InputColumnName? other) => other is not null && Name == other.Name && HasMissing == other.HasMissing && Words.AsSpan().SequenceEqual(other.Words.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Name, Words.Length, HasMissing);
}
