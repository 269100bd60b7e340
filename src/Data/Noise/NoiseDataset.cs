using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MetaMap.Core;

namespace MetaMap.Data.Noise;

/// <summary>
/// The built-in dataset <c>noise</c>: random images, from which nothing can be learned but how fast a machine computes. An
/// image is a stretch of one long row of random numbers, at a place that is a pure function of (class, example), so that
/// giving one costs no more than copying it.
/// </summary>
internal sealed class NoiseDataset : IEpisodeDataset
{
    /// <summary>The dataset's name in options.</summary>
    public const string Name = "noise";

    /// <summary>Examples of each class.</summary>
    public const int ExamplesPerClass = 100;

    // Stands for every pixel in the digest: increment its number whenever a change alters any image (a test pins some).
    private const string Recipe = "noise, drawing 1, 100 examples";

    private const int Places = 1 << 16;

    private readonly float[] _row;

    /// <summary>Draws the numbers.</summary>
    /// <param name="image">Shape of every image.</param>
    /// <param name="classes">Number of classes.</param>
    public NoiseDataset(ImageShape image, int classes)
    {
        Catalog = new(
            Name, image, [.. Enumerable.Range(0, classes).Select(i => new DatasetClass($"noise{i:D5}", ExamplesPerClass))],
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Recipe}, {classes} classes, {image}")))));
        _row = new float[Places + image.Length];
        DeterministicRandom random = DeterministicRandom.For("noise-row");
        for (int i = 0; i < _row.Length; i++)
        {
            _row[i] = random.NextInt(1 << 24) / (float)(1 << 24);
        }
    }

    /// <inheritdoc />
    public DatasetCatalog Catalog { get; }

    /// <inheritdoc />
    public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(classIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(classIndex, Catalog.Classes.Length);
        ArgumentOutOfRangeException.ThrowIfNegative(exampleIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(exampleIndex, ExamplesPerClass);
        ArgumentOutOfRangeException.ThrowIfNotEqual(quarterTurns, 0);
        int place = DeterministicRandom.For("noise-image", classIndex, exampleIndex).NextInt(Places);
        _row.AsSpan(place, Catalog.Input.Length).CopyTo(destination);
    }
}
