using System.Globalization;
using MetaMap.Training.Evaluation;

namespace MetaMap.Cli.Output;

/// <summary>Formats figures for display.</summary>
internal static class Figures
{
    public static string Percent(double fraction) => (100 * fraction).ToString("F2", CultureInfo.InvariantCulture) + "%";

    public static string Percent(MeanWithInterval accuracy) => double.IsNaN(accuracy.HalfWidth95)
        ? Percent(accuracy.Mean) : $"{Percent(accuracy.Mean)} +/- {Percent(accuracy.HalfWidth95)}";

    /// <summary>Replaces NaN and infinity, which JSON does not have, by null.</summary>
    public static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    public static string Value(MeanWithInterval mean) => double.IsNaN(mean.HalfWidth95)
        ? mean.Mean.ToString("G5", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{mean.Mean:G5} +/- {mean.HalfWidth95:G3}");

    public static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Number(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);
}
