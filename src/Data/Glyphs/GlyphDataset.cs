using System.Security.Cryptography;
using System.Text;

namespace MetaMap.Data.Glyphs;

/// <summary>
/// The built-in dataset <c>glyphs</c>: 1,200 invented characters with 20 handwritten-looking examples each, 28x28, one
/// channel, ink 1. Each class is a handful of seeded strokes, each example a jittered writing of them; an image is a
/// pure function of (class, example) and nothing is downloaded. A class is drawn when it is first needed.
/// </summary>
public sealed class GlyphDataset : IEpisodeDataset
{
    /// <summary>The dataset's name in options.</summary>
    public const string Name = "glyphs";

    /// <summary>Number of classes.</summary>
    public const int ClassCount = 1200;

    /// <summary>Examples of each class.</summary>
    public const int ExamplesPerClass = 20;

    // Stands for every pixel in the digest: increment its number whenever a change alters any glyph (a test pins them).
    private const string Recipe = "glyphs, drawing 1, 1200 classes, 20 examples, 28x28";

    private const int ImageBytes = GlyphCanvas.Side * GlyphCanvas.Side;

    private readonly byte[]?[] _classes = new byte[]?[ClassCount];

    /// <inheritdoc />
    public DatasetCatalog Catalog { get; } = new(
        Name,
        new ImageShape(1, GlyphCanvas.Side, GlyphCanvas.Side),
        [.. Enumerable.Range(0, ClassCount).Select(i => new DatasetClass($"glyph{i:D4}", ExamplesPerClass))],
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Recipe)))) { SeededParts = new(900, 100, 1200) };

    /// <inheritdoc />
    public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(exampleIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(exampleIndex, ExamplesPerClass);
        ReadOnlySpan<byte> image = Examples(classIndex).AsSpan(exampleIndex * ImageBytes, ImageBytes);
        RotatedImage.Copy(image, Catalog.Input.ToImageShape(), quarterTurns, destination);
    }

    /// <summary>Two threads may draw the same class at once; both draw the same bytes, so either may be kept.</summary>
    private byte[] Examples(int classIndex)
    {
        byte[]? examples = Volatile.Read(ref _classes[classIndex]);
        if (examples is null)
        {
            examples = DrawClass(classIndex);
            Volatile.Write(ref _classes[classIndex], examples);
        }

        return examples;
    }

    private static byte[] DrawClass(int classIndex)
    {
        GlyphStroke[] strokes = GlyphAlphabet.Strokes(classIndex);
        byte[] examples = new byte[ExamplesPerClass * ImageBytes];
        for (int example = 0; example < ExamplesPerClass; example++)
        {
            GlyphHand hand = new(classIndex, example);
            foreach (GlyphStroke stroke in strokes)
            {
                GlyphCanvas.Draw(hand.Write(stroke), hand.PenRadiusPixels, examples.AsSpan(example * ImageBytes, ImageBytes));
            }
        }

        return examples;
    }
}
