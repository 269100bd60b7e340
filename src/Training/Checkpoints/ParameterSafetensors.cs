using System.Collections.Immutable;
using System.Runtime.InteropServices;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Core.Safetensors;

namespace MetaMap.Training.Checkpoints;

/// <summary>Converts parameter vectors to and from named safetensors tensors.</summary>
internal static class ParameterSafetensors
{
    /// <summary>One float32 tensor per layout entry, its name preceded by <paramref name="prefix"/>.</summary>
    public static ImmutableArray<SafetensorsTensor> Encode(string prefix, ParameterVector vector) =>
    [
        .. vector.Layout.Entries.Select((entry, i) => new SafetensorsTensor(
            prefix + entry.Name, TensorType.F32, ShapeOf(entry),
            MemoryMarshal.AsBytes(vector[i]).ToArray())),
    ];

    /// <summary>Reads every tensor of a layout, its name preceded by a prefix.</summary>
    /// <exception cref="DataException">A tensor is missing or has another type or shape.</exception>
    public static ParameterVector Decode(string prefix, ParameterLayout layout, SafetensorsContent content, string source)
    {
        // All tensors are found before memory is allocated: a file may name a layout that it does not hold.
        var tensors = content.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        ImmutableArray<SafetensorsTensor> found = [.. layout.Entries.Select(entry => Find(prefix, entry, tensors, source))];
        float[] values = new float[layout.Length];
        for (int i = 0; i < found.Length; i++)
        {
            MemoryMarshal.Cast<byte, float>(found[i].Bytes.Span).CopyTo(values.AsSpan(layout.Offsets[i]));
        }

        return new ParameterVector(layout, values);
    }

    internal static ImmutableArray<long> ShapeOf(ParameterEntry entry) => [.. entry.Shape.Select(size => (long)size)];

    private static SafetensorsTensor Find(string prefix, ParameterEntry entry, Dictionary<string, SafetensorsTensor> tensors, string source)
    {
        SafetensorsTensor? tensor = tensors.GetValueOrDefault(prefix + entry.Name);
        if (tensor is not null && tensor.Type == TensorType.F32 && tensor.Shape.SequenceEqual(ShapeOf(entry)))
        {
            return tensor;
        }

        string got = tensor is null ? "is missing" : $"is {tensor.Type} [{string.Join(", ", tensor.Shape)}]";
        throw new DataException($"{source} does not fit: tensor '{prefix}{entry.Name}' {got}, expected F32 [{string.Join(", ", entry.Shape)}].");
    }
}
