using MetaMap.Core;

namespace MetaMap.Data.Glyphs;

/// <summary>
/// How one example is written: a small affine map, a tremor of every control point and a pen width, a pure function
/// of (class, example). Only additions, multiplications and divisions, so that every platform draws the same bits.
/// </summary>
internal sealed class GlyphHand
{
    private const double Tremor = 0.1;

    private DeterministicRandom _random;
    private readonly double _xx, _xy, _yx, _yy, _dx, _dy;

    /// <summary>The hand that writes one example of one class.</summary>
    public GlyphHand(int classIndex, int exampleIndex)
    {
        _random = DeterministicRandom.For("glyph-example", classIndex, exampleIndex);

        // The tangent of half the angle gives the rotation by division, without the platform's sine: ±0.15 is ±17 degrees.
        double halfTangent = _random.NextDouble(-0.15, 0.15);
        double cosine = (1 - halfTangent * halfTangent) / (1 + halfTangent * halfTangent);
        double sine = 2 * halfTangent / (1 + halfTangent * halfTangent);
        double scaleX = _random.NextDouble(0.75, 1.15);
        double scaleY = _random.NextDouble(0.75, 1.15);
        double shear = _random.NextDouble(-0.25, 0.25);
        (_xx, _xy) = (cosine * scaleX, (cosine * shear - sine) * scaleY);
        (_yx, _yy) = (sine * scaleX, (sine * shear + cosine) * scaleY);
        (_dx, _dy) = (_random.NextDouble(-0.18, 0.18), _random.NextDouble(-0.18, 0.18));
        PenRadiusPixels = _random.NextDouble(0.6, 1.1);
    }

    /// <summary>Half the width of the line, in pixels.</summary>
    public double PenRadiusPixels { get; }

    /// <summary>The stroke as this hand writes it; to be called once per stroke, in order.</summary>
    public GlyphStroke Write(GlyphStroke ideal) =>
        new(Write(ideal.Start), Write(ideal.StartControl), Write(ideal.EndControl), Write(ideal.End));

    private GlyphPoint Write(GlyphPoint ideal)
    {
        double x = ideal.X + _random.NextDouble(-Tremor, Tremor);
        double y = ideal.Y + _random.NextDouble(-Tremor, Tremor);
        return new GlyphPoint(_xx * x + _xy * y + _dx, _yx * x + _yy * y + _dy);
    }
}
