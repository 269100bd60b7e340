using MetaMap.Core;

namespace MetaMap.Data.Glyphs;

/// <summary>The ideal form of each class: three to five strokes, a pure function of the class index.</summary>
internal static class GlyphAlphabet
{
    private const double HalfSize = 0.8;
    private const double MinStrokeLength = 0.7;

    /// <summary>The strokes of one class, fitted into the square [-0.8, 0.8].</summary>
    public static GlyphStroke[] Strokes(int classIndex)
    {
        DeterministicRandom random = DeterministicRandom.For("glyph-class", classIndex);
        GlyphStroke[] strokes = new GlyphStroke[3 + random.NextInt(3)];
        for (int i = 0; i < strokes.Length; i++)
        {
            GlyphPoint start = Start(strokes.AsSpan(0, i), ref random);
            GlyphPoint end = End(start, ref random);
            strokes[i] = Curve(start, end, ref random);
        }

        return Fitted(strokes);
    }

    /// <summary>Half of the strokes start on an earlier one, at its middle or its end; the others start anywhere.</summary>
    private static GlyphPoint Start(ReadOnlySpan<GlyphStroke> earlier, ref DeterministicRandom random)
    {
        if (earlier.Length > 0 && random.NextInt(2) == 0)
        {
            return earlier[random.NextInt(earlier.Length)].At(random.NextInt(2) == 0 ? 0.5 : 1);
        }

        return new GlyphPoint(random.NextDouble(-1, 1), random.NextDouble(-1, 1));
    }

    private static GlyphPoint End(GlyphPoint start, ref DeterministicRandom random)
    {
        while (true)
        {
            GlyphPoint end = new(random.NextDouble(-1, 1), random.NextDouble(-1, 1));
            double dx = end.X - start.X, dy = end.Y - start.Y;
            if (dx * dx + dy * dy >= MinStrokeLength * MinStrokeLength)
            {
                return end;
            }
        }
    }

    /// <summary>A straight line, a bow or an S: the control points at thirds, pushed sideways.</summary>
    private static GlyphStroke Curve(GlyphPoint start, GlyphPoint end, ref DeterministicRandom random)
    {
        double dx = end.X - start.X, dy = end.Y - start.Y;
        bool straight = random.NextInt(4) == 0;
        double first = straight ? 0 : random.NextDouble(-0.9, 0.9);
        double second = straight ? 0 : random.NextDouble(-0.9, 0.9);
        return new GlyphStroke(
            start,
            new GlyphPoint(start.X + dx / 3 - dy * first, start.Y + dy / 3 + dx * first),
            new GlyphPoint(end.X - dx / 3 - dy * second, end.Y - dy / 3 + dx * second),
            end);
    }

    /// <summary>Scales and centres the strokes so that the longer side of their extent fills the square.</summary>
    private static GlyphStroke[] Fitted(GlyphStroke[] strokes)
    {
        double left = double.MaxValue, top = double.MaxValue, right = double.MinValue, bottom = double.MinValue;
        foreach (GlyphStroke stroke in strokes)
        {
            for (int i = 0; i <= 8; i++)
            {
                GlyphPoint point = stroke.At(i / 8.0);
                (left, right) = (Math.Min(left, point.X), Math.Max(right, point.X));
                (top, bottom) = (Math.Min(top, point.Y), Math.Max(bottom, point.Y));
            }
        }

        double scale = 2 * HalfSize / Math.Max(right - left, bottom - top);
        GlyphPoint Fit(GlyphPoint p) => new((p.X - (left + right) / 2) * scale, (p.Y - (top + bottom) / 2) * scale);
        return Array.ConvertAll(strokes, s => new GlyphStroke(Fit(s.Start), Fit(s.StartControl), Fit(s.EndControl), Fit(s.End)));
    }
}
