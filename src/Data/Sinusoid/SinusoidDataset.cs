using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using MetaMap.Core;

namespace MetaMap.Data.Sinusoid;

/// <summary>
/// The built-in regression dataset <c>sinusoid</c> (Finn et al. 2017, section 5.1): curves y = A sin(x - p) with A uniform
/// in [0.1, 5], p in [0, pi] and x in [-5, 5]. A class is a curve, an example one point of it; both are pure functions of
/// their indices. Deviation: 12,000 curves of 1,000 points each instead of infinitely many, so that test curves are new.
/// </summary>
internal sealed class SinusoidDataset : IRegressionDataset
{
    /// <summary>The dataset's name in options.</summary>
    public const string Name = "sinusoid";

    /// <summary>Number of curves.</summary>
    public const int CurveCount = 12_000;

    /// <summary>Points of each curve.</summary>
    public const int PointsPerCurve = 1_000;

    // Stands for every value in the digest: increment its number whenever a change alters any point (a test pins them).
    private const string Recipe = "sinusoid, drawing 1, 12000 curves, 1000 points";

    /// <inheritdoc />
    public DatasetCatalog Catalog { get; } = new(
        Name, InputShape.Vector(1), Curves(), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Recipe)))) 
    {
        TargetLength = 1, SeededParts = new(10, 1, 12),
    };

    /// <summary>Amplitude, 0.1 to 5, and phase, 0 to pi, of a curve.</summary>
    /// <param name="curve">Its class index.</param>
    public static (double Amplitude, double Phase) Curve(int curve)
    {
        DeterministicRandom random = DeterministicRandom.For("sinusoid-curve", curve);
        return (random.NextDouble(0.1, 5), random.NextDouble(0, Math.PI));
    }

    /// <inheritdoc />
    public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(quarterTurns, 0);
        destination[0] = X(classIndex, exampleIndex);
    }

    /// <inheritdoc />
    public void CopyTarget(int classIndex, int exampleIndex, Span<float> destination)
    {
        (double amplitude, double phase) = Curve(classIndex);
        destination[0] = (float)(amplitude * Math.Sin(X(classIndex, exampleIndex) - phase));
    }

    private static float X(int curve, int point)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(curve);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(curve, CurveCount);
        ArgumentOutOfRangeException.ThrowIfNegative(point);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(point, PointsPerCurve);
        return (float)DeterministicRandom.For("sinusoid-point", curve, point).NextDouble(-5, 5);
    }

    private static ImmutableArray<DatasetClass> Curves() =>
        [.. Enumerable.Range(0, CurveCount).Select(i => new DatasetClass($"curve{i:D5}", PointsPerCurve))];
}
