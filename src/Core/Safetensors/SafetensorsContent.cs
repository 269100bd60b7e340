using System.Collections.Immutable;

namespace MetaMap.Core.Safetensors;

/// <summary>Element type of a tensor in a safetensors file, named as in the format.</summary>
public enum TensorType
{
    /// <summary>IEEE 754 single.</summary>
    F32,

    /// <summary>IEEE 754 double.</summary>
    F64,

    /// <summary>IEEE 754 half.</summary>
    F16,

    /// <summary>bfloat16.</summary>
    BF16,

    /// <summary>Signed 64-bit.</summary>
    I64,

    /// <summary>Signed 32-bit.</summary>
    I32,

    /// <summary>Signed 16-bit.</summary>
    I16,

    /// <summary>Signed 8-bit.</summary>
    I8,

    /// <summary>Unsigned 8-bit.</summary>
    U8,

    /// <summary>One byte, 0 or 1.</summary>
    BOOL,
}

/// <summary>One named tensor.</summary>
/// <param name="Name">Unique in the file.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions; empty for a scalar.</param>
/// <param name="Bytes">Row-major little-endian data; its length fits type and shape.</param>
public sealed record SafetensorsTensor(string Name, TensorType Type, ImmutableArray<long> Shape, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Bytes per element.</summary>
    public static int ElementBytes(TensorType type) => type switch
    {
        TensorType.F64 or TensorType.I64 => 8,
        TensorType.F32 or TensorType.I32 => 4,
        TensorType.F16 or TensorType.BF16 or TensorType.I16 => 2,
        _ => 1,
    };
}

/// <summary>A whole safetensors file: tensors in data order, and string metadata.</summary>
/// <param name="Tensors">The tensors, in the order of their data.</param>
/// <param name="Metadata">The optional <c>__metadata__</c> entry.</param>
public sealed record SafetensorsContent(
    ImmutableArray<SafetensorsTensor> Tensors, ImmutableDictionary<string, string> Metadata);
