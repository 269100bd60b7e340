using System.Buffers;
using System.Numerics.Tensors;

namespace MetaMap.Training.Aggregation;

/// <summary>
/// A stretch of the blocks' mean gradients, sorted in every coordinate: row 0 holds the least values, the last row the
/// greatest. Whole rows are compared and exchanged at once, by a sorting network whose shape depends on the number of blocks
/// only (Batcher's merge exchange, Knuth 5.2.2, algorithm M).
/// </summary>
internal sealed class SortedRows : IDisposable
{
    private readonly float[] _values;
    private readonly int _length;

    private SortedRows(int rows, int length) => (_values, _length) = (ArrayPool<float>.Shared.Rent((rows + 1) * length), length);

    /// <summary>One row.</summary>
    public Span<float> this[int row] => _values.AsSpan(row * _length, _length);

    /// <summary>Sorts a stretch.</summary>
    public static SortedRows Of(IReadOnlyList<WeighedBlock> blocks, int start, int length)
    {
        var rows = new SortedRows(blocks.Count, length);
        for (int i = 0; i < blocks.Count; i++)
        {
            blocks[i].CopyMean(start, rows[i]);
        }

        rows.Sort(blocks.Count);
        return rows;
    }

    /// <summary>Gives the memory back; rows must not be read afterwards.</summary>
    public void Dispose() => ArrayPool<float>.Shared.Return(_values);

    private void Sort(int rows)
    {
        Span<float> lesser = this[rows];
        int top = 1;
        while (top < rows)
        {
            top *= 2;
        }

        for (int p = top / 2; p > 0; p /= 2)
        {
            for ((int q, int r, int d) = (top / 2, 0, p); ; (d, q, r) = (q - p, q / 2, p))
            {
                for (int i = 0; i < rows - d; i++)
                {
                    if ((i & p) == r)
                    {
                        Exchange(this[i], this[i + d], lesser);
                    }
                }

                if (q == p)
                {
                    break;
                }
            }
        }
    }

    private static void Exchange(Span<float> upper, Span<float> lower, Span<float> lesser)
    {
        TensorPrimitives.Min<float>(upper, lower, lesser);
        TensorPrimitives.Max<float>(upper, lower, lower);
        lesser.CopyTo(upper);
    }
}
