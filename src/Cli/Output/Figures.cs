using System.Globalization;
using MetaMap.Core.Training;

namespace MetaMap.Cli.Output;

/// <summary>How figures are written for people.</summary>
internal static class Figures
{
    public static string Percent(double fraction) => (100 * fraction).ToString("F2", CultureInfo.InvariantCulture) + "%";

    public static string Percent(MeanWithInterval accuracy) => accuracy.HalfWidth95 is { } half
        ? $"{Percent(accuracy.Mean)} +/- {Percent(half)}" : Percent(accuracy.Mean);

    /// <summary>JSON has no NaN and no infinity: null stands for them.</summary>
    public static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    public static string Value(MeanWithInterval mean) => mean.HalfWidth95 is { } half
        ? string.Create(CultureInfo.InvariantCulture, $"{mean.Mean:G5} +/- {half:G3}")
        : mean.Mean.ToString("G5", CultureInfo.InvariantCulture);

    public static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Number(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);
}
