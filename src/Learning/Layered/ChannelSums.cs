using System.Numerics;

namespace MetaMap.Learning.Layered;

/// <summary>Sums of each channel over many rows, taken over a few rows at a time, so that their error stays that of short sums.</summary>
internal static unsafe class ChannelSums
{
    /// <summary>Rows of a step.</summary>
    public const int RowsOfStep = 64;

    /// <summary>left · right + added of every element.</summary>
    public static Vector<T> MultiplyAdd<T>(Vector<T> left, Vector<T> right, Vector<T> added) => left * right + added;

    /// <summary>Adds the sums of a step.</summary>
    public static void AddTo<T>(T* sum, T* part, int channels) where T : unmanaged
    {
        for (int c = 0; c < channels; c += Vector<T>.Count)
        {
            (Vector.Load(sum + c) + Vector.Load(part + c)).Store(sum + c);
        }
    }

    /// <summary>Turns sums into means.</summary>
    public static void Divide<T>(T* sum, T count, int channels) where T : unmanaged, INumberBase<T>
    {
        for (int c = 0; c < channels; c++)
        {
            sum[c] /= count;
        }
    }
}
