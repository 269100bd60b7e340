using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MetaMap.Core.Parameters;

/// <summary>An immutable value of all meta-parameters (or of a gradient): a layout and its flat float32 values.</summary>
public sealed class ParameterVector : IEquatable<ParameterVector>
{
    private readonly float[] _values;
    private readonly Lazy<string> _sha256;

    /// <summary>Takes ownership of <paramref name="values"/>: the caller must not write to it afterwards.</summary>
    /// <param name="layout">Names and shapes.</param>
    /// <param name="values">Exactly <see cref="ParameterLayout.Length"/> values.</param>
    /// <exception cref="ArgumentException">The length does not fit the layout.</exception>
    public ParameterVector(ParameterLayout layout, float[] values)
    {
        if (values.Length != layout.Length)
        {
            throw new ArgumentException(
                $"The layout has {layout.Length} values, but {values.Length} were given.", nameof(values));
        }

        Layout = layout;
        _values = values;
        _sha256 = new Lazy<string>(() => Convert.ToHexStringLower(SHA256.HashData(Bytes)));
    }

    /// <summary>Names and shapes.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>All values, in layout order.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>All values as little-endian bytes, in layout order.</summary>
    public ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(_values.AsSpan());

    /// <summary>SHA-256 (hex, lower case) of <see cref="Bytes"/>: the <c>model_sha256</c> of the command's output.</summary>
    public string Sha256 => _sha256.Value;

    /// <summary>The values of one entry, in row-major order.</summary>
    /// <param name="index">Index into the layout's entries.</param>
    public ReadOnlySpan<float> this[int index] => Values.Slice(Layout.Offsets[index], Layout.Entries[index].Length);

    /// <summary>Reads little-endian float32 values, as <see cref="Bytes"/> gives them.</summary>
    /// <exception cref="ArgumentException">The byte length does not fit the layout.</exception>
    public static ParameterVector FromBytes(ParameterLayout layout, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != layout.Length * sizeof(float))
        {
            throw new ArgumentException(
                $"The layout has {layout.Length * sizeof(float)} bytes, but {bytes.Length} were given.", nameof(bytes));
        }

        return new ParameterVector(layout, MemoryMarshal.Cast<byte, float>(bytes).ToArray());
    }

    /// <summary>All zeros.</summary>
    public static ParameterVector Zeros(ParameterLayout layout) => new(layout, new float[layout.Length]);

    /// <summary>Equal when the layouts and all bits are equal.</summary>
    public bool Equals(ParameterVector? other) =>
        other is not null && Layout.Equals(other.Layout) && Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as ParameterVector);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Layout, Values.Length > 0 ? Values[0] : 0);
}
