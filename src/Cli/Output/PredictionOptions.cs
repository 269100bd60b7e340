using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using CsvHelper;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Options;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Learning.Adaptation;
using MetaMap.Learning.Devices;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Cli.Output;

/// <summary>How predictions are written: as a table, as CSV, or as JSON lines.</summary>
internal sealed class PredictionOptions
{
    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly Option<bool> _csv = new("--csv") { Description = "Comma-separated values on standard output." };

    /// <summary>Adds the options to a command.</summary>
    public PredictionOptions(Command command)
    {
        command.Add(OptionGroups.Output, _csv, _json);
        command.Check(given =>
        {
            if (given.GetValue(_csv) && given.GetValue(_json))
            {
                throw new ConfigurationException("--csv and --json are both given; choose one.");
            }
        });
    }

    /// <summary>The option that says how predictions are written; null where none is given.</summary>
    public string? Given(CommandResult given) => given.GetValue(_csv) ? _csv.Name : given.GetValue(_json) ? _json.Name : null;

    /// <summary>Predicts and writes; how right the answers are goes to standard error where they are known.</summary>
    public void Write(ParseResult parsed, AdaptedFile model, ImmutableArray<GivenExample> queries, ComputeDevice? device = null)
    {
        if (queries.IsEmpty)
        {
            return;
        }

        using Predictor predictor = new(model, device);
        TaskShape shape = new(model.Input, model.TargetLength, 0);
        // A few at a time, so that memory does not grow with their number.
        Prediction[] rows = [.. queries.Chunk(64).SelectMany(some => predictor.Predict(SupportSet.InputsOf(shape, model.Data?.Scales, [.. some])).Zip(some, (answer, query) => Row(model, query, answer)))];
        if (model.TargetLength > 0)
        {
            Write(parsed, [.. rows.Select(row => new ValueOf(row.File, row.Value!.Value))], [("name", row => row.Name), ("value", row => row.Value.ToString("G6", CultureInfo.InvariantCulture))]);
            SayDistance([.. queries.Zip(rows).Where(pair => pair.First.Values.Length > 0).Select(pair => (double)pair.First.Values[0] - pair.Second.Value!.Value)]);
            return;
        }

        Write(parsed, rows, [("label", row => row.Label!), ("probability", row => Number(row.Probability)), ("file", row => row.File)]);
        (GivenExample Query, Prediction Row)[] known = [.. queries.Zip(rows).Where(pair => pair.First.Label is not null)];
        if (known.Length > 0)
        {
            int right = known.Count(pair => pair.Query.Label == pair.Row.Label);
            Notice.Say(string.Create(CultureInfo.InvariantCulture, $"{right} of {known.Length} are labelled as they should be ({Figures.Percent((double)right / known.Length)})"));
        }
    }

    private void Write<T>(ParseResult parsed, T[] rows, (string Title, Func<T, string> Value)[] columns)
    {
        if (!parsed.GetValue(_csv))
        {
            new Reporter(parsed.GetValue(_json)).Rows(rows, "metamap: nothing to predict", columns);
            return;
        }

        using CsvWriter csv = new(Console.Out, CultureInfo.InvariantCulture, leaveOpen: true);
        foreach (IEnumerable<string> fields in rows.Select(row => columns.Select(column => column.Value(row))).Prepend(columns.Select(column => column.Title)))
        {
            foreach (string field in fields)
            {
                csv.WriteField(field);
            }

            csv.NextRecord();
        }
    }

    private static void SayDistance(double[] errors)
    {
        if (errors.Length > 0)
        {
            Notice.Say(string.Create(CultureInfo.InvariantCulture,
                $"{errors.Length} values are known, and the predicted ones are {Math.Sqrt(errors.Average(error => error * error)):G4} away from them (root mean squared error)"));
        }
    }

    private static Prediction Row(AdaptedFile model, GivenExample query, ImmutableArray<float> answer) => model.TargetLength > 0
        ? new Prediction(query.Name, null, null, answer[0], null)
        : new Prediction(query.Name, model.Labels[answer.IndexOf(answer.Max())], answer.Max(), null, model.Labels.Zip(answer).ToDictionary(pair => pair.First, pair => pair.Second));

    private static string Number(float? value) => value?.ToString("G4", CultureInfo.InvariantCulture) ?? "";

    private sealed record Prediction(string File, string? Label, float? Probability, float? Value, Dictionary<string, float>? Probabilities);

    private sealed record ValueOf(string Name, float Value);
}
