using MetaMap.Data;

namespace MetaMap.Training.Baselines;

/// <summary>
/// Histograms of oriented gradients (Dalal and Triggs 2005): nine unsigned directions in eight by eight cells over the image, each block of two by
/// two cells normalised (L2, cut at 0.2, L2 again). Of colours, the channel with the strongest gradient counts.
/// </summary>
/// <param name="shape">Shape of every image.</param>
public sealed class GradientHistogram(ImageShape shape)
{
    /// <summary>Unsigned directions, 20 degrees apart.</summary>
    public const int Directions = 9;

    /// <summary>The largest value of a normalised block, which is then normalised again.</summary>
    public const float Cut = 0.2f;

    /// <summary>Added to the sum of a block's squares, so that it may be divided by.</summary>
    public const float LeastSquare = 1e-6f;

    private const int MostCells = 8;

    /// <summary>Cells from top to bottom.</summary>
    public int Rows { get; } = Math.Clamp(shape.Height / 3, 1, MostCells);

    /// <summary>Cells from left to right.</summary>
    public int Columns { get; } = Math.Clamp(shape.Width / 3, 1, MostCells);

    /// <summary>Number of features.</summary>
    public int Length => BlockRows * BlockColumns * 4 * Directions;

    private int BlockRows => Math.Max(1, Rows - 1);

    private int BlockColumns => Math.Max(1, Columns - 1);

    /// <summary>The features of an image [channels, height, width]: no less than 0, the squares of a block's sum to 1, or to 0 where nothing changes.</summary>
    public float[] Of(float[] image)
    {
        float[] cells = Cells(image);
        float[] features = new float[Length];
        for (int block = 0; block < BlockRows * BlockColumns; block++)
        {
            Span<float> into = features.AsSpan(block * 4 * Directions, 4 * Directions);
            for (int corner = 0; corner < 4; corner++)
            {
                int row = Math.Min((block / BlockColumns) + (corner / 2), Rows - 1);
                int column = Math.Min((block % BlockColumns) + (corner % 2), Columns - 1);
                cells.AsSpan(((row * Columns) + column) * Directions, Directions).CopyTo(into[(corner * Directions)..]);
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
        float norm = MathF.Sqrt(System.Numerics.Tensors.TensorPrimitives.SumOfSquares<float>(values) + LeastSquare);
        System.Numerics.Tensors.TensorPrimitives.Divide(values, norm, values);
    }

    private float[] Cells(float[] image)
    {
        float[] cells = new float[Rows * Columns * Directions];
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
                float place = ((direction < 0 ? direction + 1 : direction) * Directions) - 0.5f;
                int lower = (int)MathF.Floor(place);
                float upperShare = place - lower;
                int cell = ((y * Rows / shape.Height * Columns) + (x * Columns / shape.Width)) * Directions;
                cells[cell + ((lower + Directions) % Directions)] += magnitude * (1 - upperShare);
                cells[cell + ((lower + 1) % Directions)] += magnitude * upperShare;
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
