using System.Globalization;
using MetaMap.Core.Training;

namespace MetaMap.Cli.Output;

/// <summary>How figures are written for people.</summary>
internal static class Figures
{
    public static string Percent(double fraction) => (100 * fraction).ToString("F2", CultureInfo.InvariantCulture) + "%";

    public static string Percent(MeanWithInterval accuracy) => accuracy.HalfWidth95 is { } half
        ? $"{Percent(accuracy.Mean)} +/- {Percent(half)}" : Percent(accuracy.Mean);

    public static string Number(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);
}
