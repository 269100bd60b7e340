using MetaMap.Data;

namespace MetaMap.Training.Baselines;

/// <summary>
/// Histograms of oriented gradients (Dalal and Triggs 2005): nine unsigned directions in eight by eight cells over the image, each block of two by
/// two cells normalised (L2, cut at 0.2, L2 again). Of colours, the channel with the strongest gradient counts.
/// </summary>
/// <param name="shape">Shape of every image.</param>
public sealed class GradientHistogram(ImageShape shape)
{
    private const int Bins = 9;
    private const int MostCells = 8;
    private const float Cut = 0.2f;

    private readonly int _rows = Math.Clamp(shape.Height / 3, 1, MostCells);
    private readonly int _columns = Math.Clamp(shape.Width / 3, 1, MostCells);

    /// <summary>Number of features.</summary>
    public int Length => BlockRows * BlockColumns * 4 * Bins;

    private int BlockRows => Math.Max(1, _rows - 1);

    private int BlockColumns => Math.Max(1, _columns - 1);

    /// <summary>The features of an image [channels, height, width]: no less than 0, the squares of a block's sum to 1, or to 0 where nothing changes.</summary>
    public float[] Of(float[] image)
    {
        float[] cells = Cells(image);
        float[] features = new float[Length];
        for (int block = 0; block < BlockRows * BlockColumns; block++)
        {
            Span<float> into = features.AsSpan(block * 4 * Bins, 4 * Bins);
            for (int corner = 0; corner < 4; corner++)
            {
                int row = Math.Min((block / BlockColumns) + (corner / 2), _rows - 1);
                int column = Math.Min((block % BlockColumns) + (corner % 2), _columns - 1);
                cells.AsSpan(((row * _columns) + column) * Bins, Bins).CopyTo(into[(corner * Bins)..]);
            }

            Normalise(into);
            for (int i = 0; i < into.Length; i++)
            {
                into[i] = Math.Min(into[i], Cut);
            }

            Normalise(into);
        }

        return features;
    }

    private static void Normalise(Span<float> values)
    {
        float norm = MathF.Sqrt(System.Numerics.Tensors.TensorPrimitives.SumOfSquares<float>(values) + 1e-6f);
        System.Numerics.Tensors.TensorPrimitives.Divide(values, norm, values);
    }

    private float[] Cells(float[] image)
    {
        float[] cells = new float[_rows * _columns * Bins];
        for (int y = 0; y < shape.Height; y++)
        {
            for (int x = 0; x < shape.Width; x++)
            {
                (float dx, float dy) = Strongest(image, x, y);
                float magnitude = MathF.Sqrt((dx * dx) + (dy * dy));
                if (magnitude == 0)
                {
                    continue;
                }

                // Shared between the two nearest directions, 20 degrees apart.
                float direction = MathF.Atan2(dy, dx) / MathF.PI;
                float place = ((direction < 0 ? direction + 1 : direction) * Bins) - 0.5f;
                int lower = (int)MathF.Floor(place);
                float upperShare = place - lower;
                int cell = ((y * _rows / shape.Height * _columns) + (x * _columns / shape.Width)) * Bins;
                cells[cell + ((lower + Bins) % Bins)] += magnitude * (1 - upperShare);
                cells[cell + ((lower + 1) % Bins)] += magnitude * upperShare;
            }
        }

        return cells;
    }

    private (float Dx, float Dy) Strongest(float[] image, int x, int y)
    {
        (float Dx, float Dy) best = default;
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            int start = channel * shape.Height * shape.Width;
            float At(int row, int column) =>
                image[start + (Math.Clamp(row, 0, shape.Height - 1) * shape.Width) + Math.Clamp(column, 0, shape.Width - 1)];
            (float dx, float dy) = (At(y, x + 1) - At(y, x - 1), At(y + 1, x) - At(y - 1, x));
            best = (dx * dx) + (dy * dy) > (best.Dx * best.Dx) + (best.Dy * best.Dy) ? (dx, dy) : best;
        }

        return best;
    }
}
