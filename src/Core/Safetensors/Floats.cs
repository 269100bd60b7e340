using System.Runtime.InteropServices;

namespace MetaMap.Core.Safetensors;

/// <summary>Reads the floating-point numbers of a tensor as float32, rounded to the nearest where they are more precise.</summary>
public static class Floats
{
    /// <summary>Whether a tensor holds floating-point numbers.</summary>
    public static bool AreIn(SafetensorsTensor tensor) => tensor.Type is TensorType.F32 or TensorType.F64 or TensorType.F16 or TensorType.BF16;

    /// <summary>The numbers, row by row.</summary>
    /// <param name="tensor">F32, F64, F16 or BF16.</param>
    /// <exception cref="ArgumentException">It holds others.</exception>
    public static float[] Of(SafetensorsTensor tensor)
    {
        ReadOnlySpan<byte> bytes = tensor.Bytes.Span;
        return tensor.Type switch
        {
            TensorType.F32 => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            TensorType.F64 => Array.ConvertAll(MemoryMarshal.Cast<byte, double>(bytes).ToArray(), value => (float)value),
            TensorType.F16 => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), value => (float)value),
            // The upper half of a float32.
            TensorType.BF16 => Array.ConvertAll(MemoryMarshal.Cast<byte, ushort>(bytes).ToArray(), value => BitConverter.UInt32BitsToSingle((uint)value << 16)),
            _ => throw new ArgumentException($"{tensor.Type} holds no floating-point numbers.", nameof(tensor)),
        };
    }
}
