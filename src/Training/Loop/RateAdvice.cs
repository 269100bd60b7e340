using System.Globalization;
using MetaMap.Core.Options;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Loop;

/// <summary>What to set when a run's numbers are no longer finite.</summary>
internal static class RateAdvice
{
    private const string Rate = "inner_lr";
    private const string Clip = "inner_clip";

    /// <summary>Names the rates that the run has, with values that are smaller; before the first step the outer rate cannot be the cause.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="iteration">The iteration that was not finite, from 1.</param>
    public static string For(RunOptions options, int iteration)
    {
        double? rate = RunOptionsJson.Values(options)[Rate]?.GetValue<double>();
        string[] settings =
        [
            .. rate is { } inner and > 0 ? [Smaller("--inner-lr", inner)] : (string[])[],
            .. rate is not null && Reads(options, Clip) && RunOptionsJson.Values(options)[Clip] is null ? ["--inner-clip 1, which bounds every inner step"] : (string[])[],
            .. iteration > 1 ? [Smaller("--meta-lr", options.MetaLr)] : (string[])[],
        ];
        return "Convolutions are checked before they are used, so it is the numbers: " + (settings.Length == 0
            ? "scale the data so that its numbers are near 1." : $"set {string.Join("; or ", settings)}.");
    }

    private static string Smaller(string flag, double value) => string.Create(CultureInfo.InvariantCulture, $"{flag} {value / 10:G3} or less instead of {value}");

    private static bool Reads(RunOptions options, string key) =>
        options.Parts.Any(part => OptionSchema.Of(part.Options.GetType()).Any(option => option.Key == key));
}
