using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace MetaMap.Core.Parameters;

/// <summary>One named tensor of a layout.</summary>
/// <param name="Name">Unique name, e.g. <c>conv1.weight</c>.</param>
/// <param name="Shape">Dimensions, all positive; empty for a scalar.</param>
public sealed record ParameterEntry(string Name, ImmutableArray<int> Shape)
{
    /// <summary>Number of values: the product of the dimensions.</summary>
    public int Length { get; } = checked((int)Shape.Aggregate(1L, (product, size) => checked(product * size)));

    /// <summary>Equal when name and shape are equal.</summary>
    public bool Equals(ParameterEntry? other) =>
        other is not null && Name == other.Name && Shape.AsSpan().SequenceEqual(other.Shape.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Name, Length);

    /// <summary>Readable text, e.g. <c>conv1.weight [64, 1, 3, 3]</c>.</summary>
    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}]";
}

/// <summary>The names, shapes and order of all meta-parameters in one flat float32 vector.</summary>
public sealed class ParameterLayout : IEquatable<ParameterLayout>
{
    /// <summary>Creates a layout.</summary>
    /// <param name="entries">The tensors, in order; names must be unique.</param>
    /// <exception cref="ArgumentException">No entry, a repeated name, or a dimension below 1.</exception>
    /// <exception cref="OverflowException">The values need more than 2 GB.</exception>
    public ParameterLayout(ImmutableArray<ParameterEntry> entries)
    {
        if (entries.IsDefaultOrEmpty)
        {
            throw new ArgumentException("A parameter layout needs at least one tensor.", nameof(entries));
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var offsets = ImmutableArray.CreateBuilder<int>(entries.Length);
        int offset = 0;
        foreach (ParameterEntry entry in entries)
        {
            if (!names.Add(entry.Name))
            {
                throw new ArgumentException($"The parameter name '{entry.Name}' appears twice.", nameof(entries));
            }

            if (entry.Shape.Any(size => size < 1))
            {
                throw new ArgumentException($"Parameter {entry} has a dimension below 1.", nameof(entries));
            }

            offsets.Add(offset);
            offset = checked(offset + entry.Length);
        }

        // All values fit one buffer of bytes, as files and messages need.
        _ = checked(offset * sizeof(float));
        Entries = entries;
        Offsets = offsets.MoveToImmutable();
        Length = offset;
        Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', entries))));
    }

    /// <summary>The tensors, in order.</summary>
    public ImmutableArray<ParameterEntry> Entries { get; }

    /// <summary>Start of each entry in the flat vector, in values.</summary>
    public ImmutableArray<int> Offsets { get; }

    /// <summary>Values in the flat vector.</summary>
    public int Length { get; }

    /// <summary>SHA-256 (hex, lower case) over names and shapes; equal layouts have equal digests.</summary>
    public string Digest { get; }

    /// <inheritdoc />
    public bool Equals(ParameterLayout? other) => other is not null && Digest == other.Digest;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as ParameterLayout);

    /// <inheritdoc />
    public override int GetHashCode() => Digest.GetHashCode(StringComparison.Ordinal);
}
