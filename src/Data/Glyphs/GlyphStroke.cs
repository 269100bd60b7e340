namespace MetaMap.Data.Glyphs;

/// <summary>A point of the drawing plane; the glyph's square is [-1, 1] in both directions, y down.</summary>
/// <param name="X">To the right.</param>
/// <param name="Y">Downwards.</param>
internal readonly record struct GlyphPoint(double X, double Y);

/// <summary>A cubic Bézier curve: one movement of the pen.</summary>
/// <param name="Start">Where the pen goes down.</param>
/// <param name="StartControl">Pulls the beginning.</param>
/// <param name="EndControl">Pulls the end.</param>
/// <param name="End">Where the pen goes up.</param>
internal readonly record struct GlyphStroke(GlyphPoint Start, GlyphPoint StartControl, GlyphPoint EndControl, GlyphPoint End)
{
    /// <summary>The point at <paramref name="t"/> from 0 (start) to 1 (end).</summary>
    public GlyphPoint At(double t)
    {
        double u = 1 - t;
        double a = u * u * u, b = 3 * u * u * t, c = 3 * u * t * t, d = t * t * t;
        return new GlyphPoint(
            a * Start.X + b * StartControl.X + c * EndControl.X + d * End.X,
            a * Start.Y + b * StartControl.Y + c * EndControl.Y + d * End.Y);
    }
}
