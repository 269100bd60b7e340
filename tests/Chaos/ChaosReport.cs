using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace MetaMap.Chaos;

/// <summary>What a chaos run has shown.</summary>
/// <param name="Options">What was asked for.</param>
/// <param name="Elapsed">From the start of the nodes to the end of the last run.</param>
/// <param name="Faults">By kind.</param>
/// <param name="EndedByThemselves">Processes that ended without being told, and were started again.</param>
/// <param name="RunsBegun">Runs that were started.</param>
/// <param name="RunsFinished">Of them, those that finished.</param>
/// <param name="Iterations">Iterations of the finished runs.</param>
/// <param name="VersionsCompared">Versions that were seen and compared with the undisturbed run.</param>
/// <param name="Results">Block results by verdict, as the coordinators counted them.</param>
/// <param name="ModelSha256">The final model, undisturbed.</param>
/// <param name="Problems">What went wrong; none is a pass.</param>
internal sealed record ChaosSummary(
    ChaosOptions Options, TimeSpan Elapsed, ImmutableSortedDictionary<string, int> Faults, int EndedByThemselves, int RunsBegun, int RunsFinished,
    int Iterations, int VersionsCompared, ImmutableSortedDictionary<string, long> Results, string ModelSha256, ImmutableArray<string> Problems)
{
    /// <summary>True when nothing was lost and every bit was right.</summary>
    public bool IsPassed => Problems.IsEmpty && RunsFinished == RunsBegun && RunsFinished > 0;
}

/// <summary>Tells of a chaos run: one line per event, a table at the end; or one JSON object a line.</summary>
/// <param name="output">Where to.</param>
/// <param name="isJson">JSON instead of text.</param>
internal sealed class ChaosReport(TextWriter output, bool isJson)
{
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>A line for people; none in JSON.</summary>
    public void Note(string text)
    {
        if (!isJson)
        {
            output.WriteLine(text);
        }
    }

    /// <summary>Something happened.</summary>
    /// <param name="at">Since the start.</param>
    /// <param name="what">E.g. <c>kill</c>.</param>
    /// <param name="subject">To whom.</param>
    /// <param name="details">For people.</param>
    public void Event(TimeSpan at, string what, string subject, string details)
    {
        if (isJson)
        {
            Write(new { @event = what, seconds = Math.Round(at.TotalSeconds, 1), subject, details });
        }
        else
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds,7:0.0} s  {what,-10} {subject,-14} {details}"));
        }
    }

    /// <summary>The end.</summary>
    public void Summary(ChaosSummary summary)
    {
        if (isJson)
        {
            Write(new
            {
                @event = "summary", passed = summary.IsPassed, seed = summary.Options.Seed, seconds = Math.Round(summary.Elapsed.TotalSeconds, 1),
                summary.Faults, summary.EndedByThemselves, summary.RunsBegun, summary.RunsFinished, summary.Iterations, summary.VersionsCompared,
                summary.Results, summary.ModelSha256, lost = summary.Problems.Length, summary.Problems,
            });
            return;
        }

        output.WriteLine();
        Row("faults", string.Join(", ", summary.Faults.Select(fault => $"{fault.Key} {fault.Value}")));
        Row("processes", $"{summary.EndedByThemselves} ended by themselves and were started again");
        Row("runs", $"{summary.RunsFinished} of {summary.RunsBegun} finished, {summary.Iterations} iterations in all");
        Row("versions", $"{summary.VersionsCompared} compared with the undisturbed run");
        Row("block results", string.Join(", ", summary.Results.Select(result => $"{result.Key} {result.Value}")));
        Row("lost", summary.Problems.Length.ToString(CultureInfo.InvariantCulture));
        foreach (string problem in summary.Problems)
        {
            Row("", problem);
        }

        output.WriteLine($"{(summary.IsPassed ? "PASS" : "FAIL")}  seed {summary.Options.Seed}, {summary.Elapsed.TotalSeconds:0} s, model {summary.ModelSha256}");
    }

    private void Row(string name, string value) => output.WriteLine($"{name,-15}{value}");

    private void Write(object line)
    {
        output.WriteLine(JsonSerializer.Serialize(line, _json));
        output.Flush();
    }
}
