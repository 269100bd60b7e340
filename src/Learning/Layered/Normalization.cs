using System.Numerics;
using static MetaMap.Learning.Layered.ChannelSums;

namespace MetaMap.Learning.Layered;

/// <summary>Normalisation of each channel by its mean and variance over rows, with its tangent, in passes over whole rows.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="memory">Holds partial sums.</param>
/// <param name="channels">A multiple of the vector's length.</param>
internal sealed unsafe class Normalization<T>(NativeMemory<T> memory, int channels) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly T _epsilon = T.CreateChecked(1e-5);

    private readonly Matrix<T> _partial = memory.Zeros(4, channels);

    /// <summary>1 / sqrt(variance + 1e-5).</summary>
    public static T ScaleOf(T variance) => T.One / T.Sqrt(variance + _epsilon);

    /// <summary>The variance that a scale is made of.</summary>
    public static T VarianceOf(T scale) => T.Max(T.Zero, T.One / (scale * scale) - _epsilon);

    /// <summary>Normalises by the mean and the (biased) variance of each channel.</summary>
    /// <param name="z">[rows, channels]; becomes the normalised values x.</param>
    /// <param name="rows">Pixels of all images.</param>
    /// <param name="mean">[channels]; becomes the mean.</param>
    /// <param name="scale">[channels]; becomes 1 / sqrt(variance + 1e-5).</param>
    public void Normalize(T* z, int rows, T* mean, T* scale)
    {
        T* part = _partial.Row(0);
        T n = T.CreateChecked(rows);
        new Span<T>(mean, channels).Clear();
        new Span<T>(scale, channels).Clear();
        for (int from = 0; from < rows; from += RowsOfStep)
        {
            new Span<T>(part, channels).Clear();
            T* end = z + (nint)Math.Min(rows, from + RowsOfStep) * channels;
            for (T* row = z + (nint)from * channels; row < end; row += channels)
            {
                for (int c = 0; c < channels; c += Vector<T>.Count)
                {
                    (Vector.Load(part + c) + Vector.Load(row + c)).Store(part + c);
                }
            }

            AddTo(mean, part, channels);
        }

        Divide(mean, n, channels);
        for (int from = 0; from < rows; from += RowsOfStep)
        {
            new Span<T>(part, channels).Clear();
            T* end = z + (nint)Math.Min(rows, from + RowsOfStep) * channels;
            for (T* row = z + (nint)from * channels; row < end; row += channels)
            {
                for (int c = 0; c < channels; c += Vector<T>.Count)
                {
                    Vector<T> centred = Vector.Load(row + c) - Vector.Load(mean + c);
                    centred.Store(row + c);
                    MultiplyAdd(centred, centred, Vector.Load(part + c)).Store(part + c);
                }
            }

            AddTo(scale, part, channels);
        }

        for (int c = 0; c < channels; c++)
        {
            scale[c] = ScaleOf(scale[c] / n);
        }

        T* last = z + (nint)rows * channels;
        for (T* row = z; row < last; row += channels)
        {
            for (int c = 0; c < channels; c += Vector<T>.Count)
            {
                (Vector.Load(row + c) * Vector.Load(scale + c)).Store(row + c);
            }
        }
    }

    /// <summary>Normalises by a given mean and scale of each channel.</summary>
    /// <param name="z">[rows, channels]; becomes the normalised values.</param>
    /// <param name="rows">Pixels of all images.</param>
    /// <param name="mean">[channels].</param>
    /// <param name="scale">[channels].</param>
    public void NormalizeBy(T* z, int rows, T* mean, T* scale)
    {
        T* end = z + (nint)rows * channels;
        for (T* row = z; row < end; row += channels)
        {
            for (int c = 0; c < channels; c += Vector<T>.Count)
            {
                ((Vector.Load(row + c) - Vector.Load(mean + c)) * Vector.Load(scale + c)).Store(row + c);
            }
        }
    }

    /// <summary>Turns the tangent of the values before normalisation into that of the normalised: s (Z· - mean Z· - x q), q = mean(x Z·).</summary>
    /// <param name="x">[rows, channels].</param>
    /// <param name="rows">Pixels of all images.</param>
    /// <param name="scale">[channels].</param>
    /// <param name="tangent">[rows, channels]: Z·; becomes x·.</param>
    /// <param name="scaleTangent">[channels]; becomes s· = -s² q.</param>
    public void NormalizeTangent(T* x, int rows, T* scale, T* tangent, T* scaleTangent)
    {
        T* mean = _partial.Row(0);
        T* meanPart = _partial.Row(1);
        T* q = _partial.Row(2);
        T* qPart = _partial.Row(3);
        new Span<T>(mean, channels).Clear();
        new Span<T>(q, channels).Clear();
        for (int from = 0; from < rows; from += RowsOfStep)
        {
            new Span<T>(meanPart, channels).Clear();
            new Span<T>(qPart, channels).Clear();
            for (int r = from; r < Math.Min(rows, from + RowsOfStep); r++)
            {
                nint at = (nint)r * channels;
                for (int c = 0; c < channels; c += Vector<T>.Count)
                {
                    Vector<T> z = Vector.Load(tangent + at + c);
                    (Vector.Load(meanPart + c) + z).Store(meanPart + c);
                    MultiplyAdd(z, Vector.Load(x + at + c), Vector.Load(qPart + c)).Store(qPart + c);
                }
            }

            AddTo(mean, meanPart, channels);
            AddTo(q, qPart, channels);
        }

        T n = T.CreateChecked(rows);
        Divide(mean, n, channels);
        Divide(q, n, channels);
        for (int r = 0; r < rows; r++)
        {
            nint at = (nint)r * channels;
            for (int c = 0; c < channels; c += Vector<T>.Count)
            {
                Vector<T> centred = Vector.Load(tangent + at + c) - Vector.Load(mean + c) - Vector.Load(x + at + c) * Vector.Load(q + c);
                (centred * Vector.Load(scale + c)).Store(tangent + at + c);
            }
        }

        for (int c = 0; c < channels; c++)
        {
            scaleTangent[c] = -scale[c] * scale[c] * q[c];
        }
    }
}
