using MetaMap.Core;
using MetaMap.Testing;

namespace MetaMap.Learning.Tests.StandIns;

/// <summary>
/// Photographs of things, as far as a few curves go: a class is a contour with parts and stripes inside, and colours that vary; its examples are bent, turned, moved and scaled, lit from
/// somewhere, and stand before clutter. As on Caltech-101, gradient histograms tell classes apart far better than pixels.
/// </summary>
internal static class CaltechLike
{
    /// <summary>Side of the images in pixels.</summary>
    public const int Side = 32;

    private const int Waves = 5;

    /// <summary>Writes a folder of each class with its images.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="classes">How many.</param>
    /// <param name="images">Of each class.</param>
    /// <param name="seed">Of everything.</param>
    public static void Write(string folder, int classes, int images, long seed)
    {
        for (int c = 0; c < classes; c++)
        {
            string own = Path.Combine(folder, $"class{c:00}");
            Directory.CreateDirectory(own);
            var kind = Thing.Draw(DeterministicRandom.For("caltech-like", seed, c));
            for (int i = 0; i < images; i++)
            {
                byte[] picture = Picture(kind, DeterministicRandom.For("caltech-like", seed, c, i));
                File.WriteAllBytes(Path.Combine(own, $"image{i:00}.png"), PngFile.Of(Side, Side, 3, (row, column, channel) => picture[(3 * ((row * Side) + column)) + channel]));
            }
        }
    }

    private static byte[] Picture(Thing kind, DeterministicRandom random)
    {
        Thing own = kind.Bent(ref random);
        double[][] pixels = Clutter(ref random);
        (double x, double y, double size, double turn) = (random.NextDouble(-0.2, 0.2), random.NextDouble(-0.2, 0.2), random.NextDouble(0.5, 0.95), random.NextDouble(-0.25, 0.25));
        (double lightX, double lightY) = (0.25 * random.NextGaussian(), 0.25 * random.NextGaussian());
        byte[] bytes = new byte[Side * Side * 3];
        for (int i = 0; i < Side * Side; i++)
        {
            (double u, double v) = ((2.0 * (i % Side) / (Side - 1)) - 1, (2.0 * (i / Side) / (Side - 1)) - 1);
            (double dx, double dy) = ((u - x) / size, (v - y) / size);
            (double a, double b) = ((Math.Cos(turn) * dx) + (Math.Sin(turn) * dy), (Math.Cos(turn) * dy) - (Math.Sin(turn) * dx));
            double inside = 1 / (1 + Math.Exp(-12 * size * own.Depth(a, b)));
            double[] colour = own.ColourAt(a, b);
            for (int channel = 0; channel < 3; channel++)
            {
                double value = (inside * colour[channel]) + ((1 - inside) * pixels[i][channel]);
                bytes[(3 * i) + channel] = (byte)Math.Clamp(255 * ((value * (1 + (lightX * u) + (lightY * v))) + (0.03 * random.NextGaussian())), 0, 255);
            }
        }

        return bytes;
    }

    /// <summary>A coloured ground with soft spots and hard edges.</summary>
    private static double[][] Clutter(ref DeterministicRandom random)
    {
        double[] ground = Colour(ref random);
        double[][] pixels = [.. Enumerable.Range(0, Side * Side).Select(_ => (double[])[.. ground])];
        for (int spot = 0; spot < 9; spot++)
        {
            double[] colour = Colour(ref random);
            (double x, double y, double size, double angle, bool isEdge) = (random.NextDouble(-1, 1), random.NextDouble(-1, 1), random.NextDouble(0.1, 0.6), random.NextDouble(0, Math.PI), random.NextInt(3) == 0);
            for (int i = 0; i < pixels.Length; i++)
            {
                (double u, double v) = ((2.0 * (i % Side) / (Side - 1)) - 1 - x, (2.0 * (i / Side) / (Side - 1)) - 1 - y);
                (double along, double across) = ((Math.Cos(angle) * u) + (Math.Sin(angle) * v), (Math.Cos(angle) * v) - (Math.Sin(angle) * u));
                double share = isEdge ? (Math.Abs(across) < 0.08 && Math.Abs(along) < 3 * size ? 0.8 : 0) : 0.7 * Math.Exp(-((u * u) + (v * v)) / (size * size));
                for (int channel = 0; channel < 3; channel++)
                {
                    pixels[i][channel] += share * (colour[channel] - pixels[i][channel]);
                }
            }
        }

        return pixels;
    }

    private static double[] Colour(ref DeterministicRandom random) => [random.NextDouble(), random.NextDouble(), random.NextDouble()];

    /// <summary>What a class shows: a contour and, inside, a part with a contour of its own and stripes.</summary>
    private sealed record Thing(double[] Heights, double[] Phases, double Aspect, double[] PartHeights, double[] PartPhases, double PartX, double PartY, double PartSize, double Stripes, double StripeAngle, double[][] Colours)
    {
        public static Thing Draw(DeterministicRandom random)
        {
            (double[] heights, double[] phases) = Contour(ref random);
            (double[] partHeights, double[] partPhases) = Contour(ref random);
            return new(heights, phases, Math.Exp(0.35 * random.NextGaussian()), partHeights, partPhases, random.NextDouble(-0.3, 0.3), random.NextDouble(-0.3, 0.3), random.NextDouble(0.3, 0.55),
                random.NextDouble(0, 14), random.NextDouble(0, Math.PI), [Colour(ref random), Colour(ref random), Colour(ref random)]);
        }

        /// <summary>One of its kind.</summary>
        public Thing Bent(ref DeterministicRandom random)
        {
            (double[] heights, double[] phases, double[] partHeights) = (Moved(Heights, 0.04, ref random), Moved(Phases, 0.25, ref random), Moved(PartHeights, 0.04, ref random));
            double[][] colours = [Moved(Colours[0], 0.22, ref random), Moved(Colours[1], 0.22, ref random), Moved(Colours[2], 0.22, ref random)];
            return this with
            {
                Heights = heights, Phases = phases, PartHeights = partHeights, Aspect = Aspect * Math.Exp(0.12 * random.NextGaussian()), PartX = PartX + (0.06 * random.NextGaussian()),
                PartY = PartY + (0.06 * random.NextGaussian()), StripeAngle = StripeAngle + (0.15 * random.NextGaussian()), Colours = colours,
            };
        }

        /// <summary>How far inside a place is; negative outside.</summary>
        public double Depth(double x, double y) => Radius(Heights, Phases, x, y * Aspect) - Math.Sqrt((x * x) + (y * y * Aspect * Aspect));

        public double[] ColourAt(double x, double y)
        {
            (double u, double v) = ((x - PartX) / PartSize, (y - PartY) / PartSize);
            bool isPart = Math.Sqrt((u * u) + (v * v)) < Radius(PartHeights, PartPhases, u, v);
            bool isStripe = Math.Sin(Stripes * ((Math.Cos(StripeAngle) * x) + (Math.Sin(StripeAngle) * y))) > 0;
            return isPart ? Colours[2] : Colours[isStripe ? 1 : 0];
        }

        private static double Radius(double[] heights, double[] phases, double x, double y)
        {
            double angle = Math.Atan2(y, x);
            return 0.75 + Enumerable.Range(0, Waves).Sum(k => heights[k] * Math.Cos(((k + 1) * angle) + phases[k]));
        }

        private static (double[] Heights, double[] Phases) Contour(ref DeterministicRandom random)
        {
            double[] heights = new double[Waves];
            double[] phases = new double[Waves];
            for (int k = 0; k < Waves; k++)
            {
                (heights[k], phases[k]) = (0.22 * random.NextGaussian() / Math.Sqrt(k + 1), random.NextDouble(0, 2 * Math.PI));
            }

            return (heights, phases);
        }

        private static double[] Moved(double[] values, double deviation, ref DeterministicRandom random)
        {
            double[] moved = [.. values];
            foreach (ref double value in moved.AsSpan())
            {
                value += deviation * random.NextGaussian();
            }

            return moved;
        }
    }
}
