using System.Numerics;

namespace MetaMap.Learning.Layered;

/// <summary>The mean of each channel over windows that cover an image and may overlap. An output row is an image, window by window.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="memory">Holds its matrices.</param>
/// <param name="height">Rows of an image.</param>
/// <param name="width">Columns of an image.</param>
/// <param name="channels">Channels, padded.</param>
/// <param name="side">Windows in each direction; 1 for the mean over the image.</param>
internal sealed unsafe class AveragePool<T>(NativeMemory<T> memory, int height, int width, int channels, int side) : LinearLayer<T>(memory, rows: 1, side * side * channels)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // One over the number of pixels of each window.
    private readonly T[] _shares =
    [
        .. from row in Enumerable.Range(0, side)
           from column in Enumerable.Range(0, side)
           select T.One / T.CreateChecked(PoolWindow.Length(row, side, height) * PoolWindow.Length(column, side, width)),
    ];

    /// <inheritdoc />
    protected override void Map(Matrix<T> input, Matrix<T> output)
    {
        output.Span.Clear();
        for (int image = 0; image < output.Rows; image++)
        {
            T* mean = output.Row(image);
            for (int window = 0; window < side * side; window++, mean += channels)
            {
                (int top, int bottom) = PoolWindow.Of(window / side, side, height);
                (int left, int right) = PoolWindow.Of(window % side, side, width);
                for (int y = top; y < bottom; y++)
                {
                    T* row = input.Data + ((nint)(image * height + y) * width + left) * channels;
                    for (int x = left; x < right; x++, row += channels)
                    {
                        for (int c = 0; c < channels; c += Vector<T>.Count)
                        {
                            (Vector.Load(mean + c) + Vector.Load(row + c)).Store(mean + c);
                        }
                    }
                }

                Vector<T> share = Vector.Create(_shares[window]);
                for (int c = 0; c < channels; c += Vector<T>.Count)
                {
                    (Vector.Load(mean + c) * share).Store(mean + c);
                }
            }
        }
    }

    /// <inheritdoc />
    protected override void MapBack(Matrix<T> output, Matrix<T> input)
    {
        T* row = input.Data;
        for (int image = 0; image < output.Rows; image++)
        {
            for (int y = 0; y < height; y++)
            {
                // The windows that a pixel is in are a window of the windows.
                (int top, int bottom) = PoolWindow.Of(y, height, side);
                for (int x = 0; x < width; x++, row += channels)
                {
                    (int left, int right) = PoolWindow.Of(x, width, side);
                    for (int i = top; i < bottom; i++)
                    {
                        for (int j = left; j < right; j++)
                        {
                            int window = i * side + j;
                            T* part = output.Row(image) + window * channels;
                            Vector<T> share = Vector.Create(_shares[window]);
                            bool isFirst = i == top && j == left;
                            for (int c = 0; c < channels; c += Vector<T>.Count)
                            {
                                Vector<T> value = Vector.Load(part + c) * share;
                                (isFirst ? value : Vector.Load(row + c) + value).Store(row + c);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// <summary>Where adaptive average pooling, as PyTorch defines it, cuts an edge into windows.</summary>
internal static class PoolWindow
{
    /// <summary>The pixels of a window, the last one excluded.</summary>
    /// <param name="window">Which window, from 0.</param>
    /// <param name="windows">How many windows there are.</param>
    /// <param name="pixels">Length of the edge.</param>
    public static (int From, int To) Of(int window, int windows, int pixels) => (window * pixels / windows, ((window + 1) * pixels + windows - 1) / windows);

    /// <summary>Number of pixels of a window.</summary>
    public static int Length(int window, int windows, int pixels) => Of(window, windows, pixels).To - Of(window, windows, pixels).From;
}
