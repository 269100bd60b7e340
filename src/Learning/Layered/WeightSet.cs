using System.Collections.Immutable;
using System.Numerics;
using TorchSharp;

namespace MetaMap.Learning.Layered;

/// <summary>The weights of all layers, or something of their shape, in one piece of memory.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal sealed class WeightSet<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Matrix<T> _all;
    private readonly ImmutableArray<Matrix<T>> _parts;

    /// <summary>Creates zeros.</summary>
    /// <param name="memory">Holds them.</param>
    /// <param name="sizes">Rows and columns of each part.</param>
    public WeightSet(NativeMemory<T> memory, IReadOnlyList<(int Rows, int Columns)> sizes)
    {
        _all = memory.Zeros(1, sizes.Sum(size => size.Rows * size.Columns));
        var parts = ImmutableArray.CreateBuilder<Matrix<T>>(sizes.Count);
        int first = 0;
        foreach ((int rows, int columns) in sizes)
        {
            parts.Add(_all.View(first, rows, columns));
            first += rows * columns;
        }

        _parts = parts.MoveToImmutable();
    }

    /// <summary>All numbers.</summary>
    public Span<T> Span => _all.Span;

    /// <summary>All numbers as a tensor, sharing the memory.</summary>
    public torch.Tensor Tensor => _all.Tensor;

    /// <summary>One part.</summary>
    public Matrix<T> this[int index] => _parts[index];
}
