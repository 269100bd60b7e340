using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Http;

/// <summary>Measures of a committed iteration, or of a version on the validation classes; what the other kind has is absent.</summary>
/// <param name="Iteration">The iteration, from 1; of a validation the measured version.</param>
/// <param name="QueryLoss">Mean query loss.</param>
/// <param name="QueryAccuracy">Mean query accuracy, 0 to 1; absent for regression.</param>
/// <param name="MetaGradientNorm">Norm of the meta-gradient.</param>
/// <param name="CountedEpisodes">Episodes that counted.</param>
/// <param name="ExcludedEpisodes">Episodes of blocks that did not.</param>
/// <param name="ValidationLoss">Mean query loss on the validation classes.</param>
/// <param name="ValidationAccuracy">Mean query accuracy on the validation classes, 0 to 1; absent for regression.</param>
/// <param name="ValidationEpisodes">Episodes measured there.</param>
/// <param name="BestIteration">The best version on the validation classes so far.</param>
public sealed record MeasureBody(
    int Iteration, double? QueryLoss = null, double? QueryAccuracy = null, double? MetaGradientNorm = null, int? CountedEpisodes = null, int? ExcludedEpisodes = null,
    double? ValidationLoss = null, double? ValidationAccuracy = null, int? ValidationEpisodes = null, int? BestIteration = null)
{
    /// <summary>Its place among the measures of its run.</summary>
    internal MeasurePlace Place => new(Iteration, BestIteration is not null);

    /// <summary>Reads a stored line; null for one that is damaged.</summary>
    internal static MeasureBody? Read(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement.TryGetProperty("query_loss", out _))
            {
                IterationMetrics of = document.RootElement.Deserialize<IterationMetrics>(RunOptionsJson.Conventions)!;
                return new MeasureBody(of.Iteration, of.QueryLoss, of.QueryAccuracyFraction, of.MetaGradientNorm, of.CountedEpisodes, of.ExcludedEpisodes);
            }

            ValidationMetrics on = document.RootElement.Deserialize<ValidationMetrics>(RunOptionsJson.Conventions)!;
            return new MeasureBody(
                on.Iteration, ValidationLoss: on.ValidationLoss, ValidationAccuracy: on.ValidationAccuracyFraction, ValidationEpisodes: on.ValidationEpisodes, BestIteration: on.BestIteration);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>A place among the measures of a run, which a client may go on after; as text <c>12</c>, or <c>12-validation</c> for the measurement after iteration 12.</summary>
/// <param name="Iteration">The iteration.</param>
/// <param name="IsValidation">True for the measurement of its version on the validation classes, which comes after it.</param>
internal readonly record struct MeasurePlace(int Iteration, bool IsValidation)
{
    private const string Suffix = "-validation";

    /// <summary>Reads the text; null when it is none.</summary>
    public static MeasurePlace? Read(string text)
    {
        bool isValidation = text.EndsWith(Suffix, StringComparison.Ordinal);
        return int.TryParse(isValidation ? text[..^Suffix.Length] : text, NumberStyles.None, CultureInfo.InvariantCulture, out int iteration)
            ? new MeasurePlace(iteration, isValidation) : null;
    }

    /// <summary>True when it comes after another place.</summary>
    public bool IsAfter(MeasurePlace other) => (Iteration, IsValidation).CompareTo((other.Iteration, other.IsValidation)) > 0;

    /// <inheritdoc />
    public override string ToString() => Iteration.ToString(CultureInfo.InvariantCulture) + (IsValidation ? Suffix : "");
}

/// <summary>Part of the history of a run.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Iteration">Committed iterations.</param>
/// <param name="Measures">One for each iteration, and one for each measurement on the validation classes, in order.</param>
/// <param name="Next">The iteration from which the history goes on; absent at its end.</param>
public sealed record HistoryBody(string RunId, int Iteration, ImmutableArray<MeasureBody> Measures, int? Next)
{
    /// <summary>Makes it of stored lines: an iteration is never cut in two, and what is not committed is left out.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="committed">Committed iterations.</param>
    /// <param name="lines">At most one more than <paramref name="most"/>: then there may be more.</param>
    /// <param name="most">The most measures, 1 or more.</param>
    internal static HistoryBody Of(string runId, int committed, ImmutableArray<string> lines, int most)
    {
        ImmutableArray<MeasureBody> measures = [.. lines.Select(MeasureBody.Read).OfType<MeasureBody>().Where(measure => measure.Iteration <= committed)];
        if (lines.Length <= most || measures is not [.., { Iteration: var last }])
        {
            return new HistoryBody(runId, committed, measures, null);
        }

        ImmutableArray<MeasureBody> whole = measures.RemoveAll(measure => measure.Iteration == last);
        return whole.IsEmpty ? new HistoryBody(runId, committed, measures, last + 1) : new HistoryBody(runId, committed, whole, last);
    }
}
