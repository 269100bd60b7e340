using System.Numerics;
using static MetaMap.Learning.Layered.ChannelSums;

namespace MetaMap.Learning.Layered;

/// <summary>
/// Gain · x + shift, ReLU and 2x2 max-pooling as one pass over rows of channels, with what the gradient and the tangents need.
/// Rows are pixels, image by image.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="memory">Holds partial sums.</param>
/// <param name="height">Rows of an image before pooling.</param>
/// <param name="width">Columns of an image before pooling.</param>
/// <param name="channels">A multiple of the vector's length.</param>
/// <param name="pools">Take the maximum of each 2x2 window; an odd last row or column is dropped.</param>
internal sealed unsafe class Activation<T>(NativeMemory<T> memory, int height, int width, int channels, bool pools) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Matrix<T> _partial = memory.Zeros(2, channels);

    /// <summary>Rows of an output image.</summary>
    public int OutputHeight { get; } = pools ? height / 2 : height;

    /// <summary>Columns of an output image.</summary>
    public int OutputWidth { get; } = pools ? width / 2 : width;

    private int Pixels => height * width;

    /// <summary>ReLU of gain · x + shift, with pooling before the ReLU, which gives the same function.</summary>
    /// <param name="x">[rows, channels].</param>
    /// <param name="images">Number of images.</param>
    /// <param name="gain">[channels].</param>
    /// <param name="shift">[channels].</param>
    /// <param name="output">[output rows, channels].</param>
    /// <param name="winners">[output rows, channels]: which of a window's four values is the maximum; null without pooling.</param>
    public void Activate(T* x, int images, T* gain, T* shift, T* output, T* winners)
    {
        Vector<T> zero = Vector<T>.Zero;
        if (!pools)
        {
            T* end = x + (nint)images * Pixels * channels;
            for (; x < end; x += channels, output += channels)
            {
                for (int c = 0; c < channels; c += Vector<T>.Count)
                {
                    Vector<T> y = Vector.Load(x + c) * Vector.Load(gain + c) + Vector.Load(shift + c);
                    // NaN stays NaN.
                    Vector.ConditionalSelect(Vector.LessThanOrEqual(y, zero), zero, y).Store(output + c);
                }
            }

            return;
        }

        for (int image = 0; image < images; image++, x += Pixels * channels)
        {
            for (int row = 0; row < OutputHeight; row++)
            {
                T* window = x + 2 * row * width * channels;
                for (int column = 0; column < OutputWidth; column++, window += 2 * channels, output += channels, winners += channels)
                {
                    for (int c = 0; c < channels; c += Vector<T>.Count)
                    {
                        Vector<T> g = Vector.Load(gain + c);
                        Vector<T> b = Vector.Load(shift + c);
                        Vector<T> best = Vector.Load(window + c) * g + b;
                        Vector<T> winner = zero;
                        for (int i = 1; i < 4; i++)
                        {
                            Vector<T> y = Vector.Load(window + Offset(i) + c) * g + b;
                            Vector<T> isGreater = Vector.GreaterThan(y, best);
                            best = Vector.ConditionalSelect(isGreater, y, best);
                            winner = Vector.ConditionalSelect(isGreater, Vector.Create(T.CreateChecked(i)), winner);
                        }

                        Vector.ConditionalSelect(Vector.LessThanOrEqual(best, zero), zero, best).Store(output + c);
                        winner.Store(winners + c);
                    }
                }
            }
        }
    }

    /// <summary>Sums over the gradient dY by the outputs, masked by ReLU: of dY and dY · x; with tangents, of dY· and dY· x + dY x·.</summary>
    /// <param name="x">[rows, channels].</param>
    /// <param name="images">Number of images.</param>
    /// <param name="output">[output rows, channels].</param>
    /// <param name="winners">As of <see cref="Activate"/>.</param>
    /// <param name="gradient">[output rows, channels]: the gradient by the outputs.</param>
    /// <param name="shiftSum">[channels]; becomes the gradient by the shift.</param>
    /// <param name="gainSum">[channels]; becomes the gradient by the gain.</param>
    /// <param name="xTangent">Tangent of x; null for the sums of the gradient itself.</param>
    /// <param name="gradientTangent">Tangent of the gradient; null for the sums of the gradient itself.</param>
    public void Sum(T* x, int images, T* output, T* winners, T* gradient, T* shiftSum, T* gainSum, T* xTangent = null, T* gradientTangent = null)
    {
        T* shiftPart = _partial.Row(0);
        T* gainPart = _partial.Row(1);
        new Span<T>(shiftSum, channels).Clear();
        new Span<T>(gainSum, channels).Clear();
        new Span<T>(shiftPart, channels).Clear();
        new Span<T>(gainPart, channels).Clear();
        int pending = 0;
        nint toX = (nint)((byte*)xTangent - (byte*)x);
        for (int image = 0; image < images; image++)
        {
            for (int row = 0; row < OutputHeight; row++)
            {
                T* window = x + ((nint)image * Pixels + (pools ? 2 : 1) * row * width) * channels;
                for (int column = 0; column < OutputWidth; column++)
                {
                    for (int c = 0; c < channels; c += Vector<T>.Count)
                    {
                        Vector<T> winner = pools ? Vector.Load(winners + c) : default;
                        Vector<T> isOn = Vector.GreaterThan(Vector.Load(output + c), Vector<T>.Zero);
                        Vector<T> dy = Vector.BitwiseAnd(isOn, Vector.Load(gradient + c));
                        Vector<T> value = pools ? OfWinner(window, c, winner) : Vector.Load(window + c);
                        if (xTangent is null)
                        {
                            (Vector.Load(shiftPart + c) + dy).Store(shiftPart + c);
                            MultiplyAdd(dy, value, Vector.Load(gainPart + c)).Store(gainPart + c);
                        }
                        else
                        {
                            T* tangentWindow = (T*)((byte*)window + toX);
                            Vector<T> valueTangent = pools ? OfWinner(tangentWindow, c, winner) : Vector.Load(tangentWindow + c);
                            Vector<T> dyTangent = Vector.BitwiseAnd(isOn, Vector.Load(gradientTangent + c));
                            (Vector.Load(shiftPart + c) + dyTangent).Store(shiftPart + c);
                            MultiplyAdd(dyTangent, value, MultiplyAdd(dy, valueTangent, Vector.Load(gainPart + c))).Store(gainPart + c);
                        }
                    }

                    window += (pools ? 2 : 1) * channels;
                    output += channels;
                    winners += pools ? channels : 0;
                    gradient += channels;
                    gradientTangent += xTangent is null ? 0 : channels;
                    if (++pending == RowsOfStep)
                    {
                        AddTo(shiftSum, shiftPart, channels);
                        AddTo(gainSum, gainPart, channels);
                        new Span<T>(shiftPart, channels).Clear();
                        new Span<T>(gainPart, channels).Clear();
                        pending = 0;
                    }
                }
            }
        }

        AddTo(shiftSum, shiftPart, channels);
        AddTo(gainSum, gainPart, channels);
    }

    /// <summary>
    /// For every row c0 · dY + c1 + c2 · x, and with tangents + c3 · x· + c4 · dY', where dY and dY' are derivatives by the outputs,
    /// masked by ReLU, at the windows' winners. The gradient by the values before normalisation and its tangent have this form.
    /// </summary>
    /// <param name="x">[rows, channels].</param>
    /// <param name="images">Number of images.</param>
    /// <param name="output">[output rows, channels].</param>
    /// <param name="winners">As of <see cref="Activate"/>.</param>
    /// <param name="gradient">[output rows, channels].</param>
    /// <param name="coefficients">[5, channels].</param>
    /// <param name="result">[rows, channels].</param>
    /// <param name="xTangent">[rows, channels]; null for none.</param>
    /// <param name="second">[output rows, channels]; null for none.</param>
    public void Spread(T* x, int images, T* output, T* winners, T* gradient, T* coefficients, T* result, T* xTangent = null, T* second = null)
    {
        T* c0 = coefficients;
        T* c1 = c0 + channels;
        T* c2 = c1 + channels;
        T* c3 = c2 + channels;
        T* c4 = c3 + channels;
        int rows = images * Pixels;
        for (int r = 0; r < rows; r++)
        {
            nint at = (nint)r * channels;
            for (int c = 0; c < channels; c += Vector<T>.Count)
            {
                Vector<T> sum = MultiplyAdd(Vector.Load(c2 + c), Vector.Load(x + at + c), Vector.Load(c1 + c));
                if (second is not null)
                {
                    sum = MultiplyAdd(Vector.Load(c3 + c), Vector.Load(xTangent + at + c), sum);
                }

                if (!pools)
                {
                    sum += Derivative(at + c, c);
                }

                sum.Store(result + at + c);
            }
        }

        nint place = 0;
        for (int image = 0; pools && image < images; image++, result += Pixels * channels)
        {
            for (int row = 0; row < OutputHeight; row++)
            {
                T* window = result + 2 * row * width * channels;
                for (int column = 0; column < OutputWidth; column++, window += 2 * channels, place += channels)
                {
                    for (int c = 0; c < channels; c += Vector<T>.Count)
                    {
                        Vector<T> dy = Derivative(place + c, c);
                        Vector<T> winner = Vector.Load(winners + place + c);
                        for (int i = 0; i < 4; i++)
                        {
                            T* target = window + Offset(i) + c;
                            Vector<T> isWinner = Vector.Equals(winner, Vector.Create(T.CreateChecked(i)));
                            (Vector.Load(target) + Vector.BitwiseAnd(isWinner, dy)).Store(target);
                        }
                    }
                }
            }
        }

        Vector<T> Derivative(nint of, int c)
        {
            Vector<T> dy = Vector.Load(c0 + c) * Vector.Load(gradient + of);
            dy = second is null ? dy : MultiplyAdd(Vector.Load(c4 + c), Vector.Load(second + of), dy);
            return Vector.BitwiseAnd(Vector.GreaterThan(Vector.Load(output + of), Vector<T>.Zero), dy);
        }
    }

    /// <summary>The tangent of <see cref="Activate"/>: gain· x + gain x· + shift· at the winners, where ReLU is on.</summary>
    public void ActivateTangent(T* x, T* xTangent, int images, T* gain, T* gainTangent, T* shiftTangent, T* output, T* winners, T* outputTangent)
    {
        for (int image = 0; image < images; image++)
        {
            for (int row = 0; row < OutputHeight; row++)
            {
                nint at = ((nint)image * Pixels + (pools ? 2 : 1) * row * width) * channels;
                for (int column = 0; column < OutputWidth; column++)
                {
                    for (int c = 0; c < channels; c += Vector<T>.Count)
                    {
                        Vector<T> winner = pools ? Vector.Load(winners + c) : default;
                        Vector<T> value = pools ? OfWinner(x + at, c, winner) : Vector.Load(x + at + c);
                        Vector<T> tangent = pools ? OfWinner(xTangent + at, c, winner) : Vector.Load(xTangent + at + c);
                        Vector<T> isOn = Vector.GreaterThan(Vector.Load(output + c), Vector<T>.Zero);
                        Vector<T> y = MultiplyAdd(
                            Vector.Load(gainTangent + c), value, MultiplyAdd(Vector.Load(gain + c), tangent, Vector.Load(shiftTangent + c)));
                        Vector.BitwiseAnd(isOn, y).Store(outputTangent + c);
                    }

                    at += (pools ? 2 : 1) * channels;
                    output += channels;
                    outputTangent += channels;
                    winners += pools ? channels : 0;
                }
            }
        }
    }

    // The values, normalised or anything of that shape, at a window's winners.
    private Vector<T> OfWinner(T* window, int c, Vector<T> winner)
    {
        Vector<T> value = Vector.Load(window + c);
        for (int i = 1; i < 4; i++)
        {
            value = Vector.ConditionalSelect(Vector.Equals(winner, Vector.Create(T.CreateChecked(i))), Vector.Load(window + Offset(i) + c), value);
        }

        return value;
    }

    private int Offset(int ofWindow) => ((ofWindow >> 1) * width + (ofWindow & 1)) * channels;
}
