using System.Globalization;
using MetaMap.Core.Options;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Loop;

/// <summary>What to set when a run's numbers are no longer finite.</summary>
internal static class RateAdvice
{
    private const string Rate = "inner_lr";
    private const string Clip = "inner_clip";
    // Of a rate, both the smaller one to try, and how far above its default it is no rate at all.
    private const double Fold = 10;

    /// <summary>Names the rates that the run has, with values that are smaller; before the first step the outer rate cannot be the cause.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="iteration">The iteration that was not finite, from 1.</param>
    public static string For(RunOptions options, int iteration)
    {
        OptionValues values = RunOptionsJson.Values(options);
        double? rate = values[Rate]?.GetValue<double>();
        // A tenth of what is far too much is still too much, and so is a clipped step of it.
        double? usual = rate is null ? null : RunOptionsJson.Values(values.With((Rate, null)).Resolve())[Rate]?.GetValue<double>();
        bool isFarAbove = rate > Fold * usual;
        string[] settings =
        [
            .. rate is { } inner and > 0 ? [isFarAbove ? string.Create(CultureInfo.InvariantCulture, $"--inner-lr {usual}, the default of such a run, or less instead of {inner}") : Smaller("--inner-lr", inner)] : (string[])[],
            .. rate is not null && !isFarAbove && Reads(options, Clip) && values[Clip] is null ? ["--inner-clip 1, which bounds every inner step"] : (string[])[],
            .. iteration > 1 ? [Smaller("--meta-lr", options.MetaLr)] : (string[])[],
        ];
        return "Convolutions are checked before they are used, so it is the numbers: " + (settings.Length == 0
            ? "scale the data so that its numbers are near 1." : $"set {string.Join("; or ", settings)}.");
    }

    private static string Smaller(string flag, double value) => string.Create(CultureInfo.InvariantCulture, $"{flag} {value / Fold:G3} or less instead of {value}");

    private static bool Reads(RunOptions options, string key) =>
        options.Parts.Any(part => OptionSchema.Of(part.Options.GetType()).Any(option => option.Key == key));
}
