namespace MetaMap.Data.Glyphs;

/// <summary>Draws strokes with a round, antialiased pen on a square of bytes; ink is 255, later ink never erases.</summary>
internal static class GlyphCanvas
{
    /// <summary>Height and width of the canvas.</summary>
    public const int Side = 28;

    private const int SegmentsPerStroke = 10;
    private const double PixelsPerUnit = 13;

    /// <summary>Draws one stroke.</summary>
    /// <param name="stroke">In glyph units, [-1, 1].</param>
    /// <param name="penRadiusPixels">Half the width of the line.</param>
    /// <param name="canvas">[28, 28] bytes.</param>
    public static void Draw(GlyphStroke stroke, double penRadiusPixels, Span<byte> canvas)
    {
        GlyphPoint from = ToPixels(stroke.Start);
        for (int i = 1; i <= SegmentsPerStroke; i++)
        {
            GlyphPoint to = ToPixels(stroke.At(i / (double)SegmentsPerStroke));
            DrawSegment(from, to, penRadiusPixels, canvas);
            from = to;
        }
    }

    /// <summary>Pixel (row, column) has its centre at (column, row).</summary>
    private static GlyphPoint ToPixels(GlyphPoint p) =>
        new((Side - 1) / 2.0 + PixelsPerUnit * p.X, (Side - 1) / 2.0 + PixelsPerUnit * p.Y);

    /// <summary>A pixel's ink falls linearly from full to none over the one pixel around the edge of the line.</summary>
    private static void DrawSegment(GlyphPoint from, GlyphPoint to, double radius, Span<byte> canvas)
    {
        double reach = radius + 0.5;
        int left = Math.Max(0, (int)Math.Ceiling(Math.Min(from.X, to.X) - reach));
        int right = Math.Min(Side - 1, (int)Math.Floor(Math.Max(from.X, to.X) + reach));
        int top = Math.Max(0, (int)Math.Ceiling(Math.Min(from.Y, to.Y) - reach));
        int bottom = Math.Min(Side - 1, (int)Math.Floor(Math.Max(from.Y, to.Y) + reach));
        for (int row = top; row <= bottom; row++)
        {
            for (int column = left; column <= right; column++)
            {
                double ink = Math.Clamp(reach - Distance(column, row, from, to), 0, 1);
                ref byte pixel = ref canvas[row * Side + column];
                pixel = Math.Max(pixel, (byte)(255 * ink + 0.5));
            }
        }
    }

    /// <summary>The distance from the point (x, y) to the nearest point of the segment.</summary>
    private static double Distance(double x, double y, GlyphPoint from, GlyphPoint to)
    {
        double dx = to.X - from.X, dy = to.Y - from.Y;
        double lengthSquared = dx * dx + dy * dy;
        double along = lengthSquared > 0 ? Math.Clamp(((x - from.X) * dx + (y - from.Y) * dy) / lengthSquared, 0, 1) : 0;
        double offX = x - from.X - along * dx, offY = y - from.Y - along * dy;
        return Math.Sqrt(offX * offX + offY * offY);
    }
}
