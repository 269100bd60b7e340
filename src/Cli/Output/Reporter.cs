using System.Text.Json;
using MetaMap.Core;
using MetaMap.Training.Configuration;
using Spectre.Console;

namespace MetaMap.Cli.Output;

/// <summary>Writes results to standard output: as JSON lines, as tables on a terminal, or as plain lines when piped.</summary>
internal sealed class Reporter(bool json)
{
    private static readonly JsonSerializerOptions _lineConventions = new(RunOptionsJson.Conventions) { WriteIndented = false };

    public bool IsJson => json;

    public bool IsTerminal => !json && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive;

    /// <summary>Writes one event: as a JSON line, or as the text.</summary>
    public void Event<T>(T value, string text) => Console.Out.WriteLine(json ? JsonSerializer.Serialize(value, _lineConventions) : text);

    /// <summary>Writes one event that is for JSON readers only.</summary>
    public void JsonOnly<T>(T value)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(value, _lineConventions));
        }
    }

    /// <summary>Writes rows: as a JSON line each, as a table on a terminal, or as tab-separated lines when piped.</summary>
    public void Rows<T>(IReadOnlyCollection<T> rows, string whenEmpty, IReadOnlyList<(string Title, Func<T, string> Value)> columns)
    {
        if (json)
        {
            foreach (T row in rows)
            {
                JsonOnly(row);
            }
        }
        else if (rows.Count == 0)
        {
            Console.Error.WriteLine(whenEmpty);
        }
        else if (IsTerminal)
        {
            Table table = new Table().RoundedBorder();
            foreach ((string title, _) in columns)
            {
                table.AddColumn(title);
            }

            foreach (T row in rows)
            {
                table.AddRow([.. columns.Select(column => Markup.Escape(column.Value(row).Printable()))]);
            }

            AnsiConsole.Write(table);
        }
        else
        {
            Console.Out.WriteLine(string.Join('\t', columns.Select(column => column.Title)));
            foreach (T row in rows)
            {
                Console.Out.WriteLine(string.Join('\t', columns.Select(column => column.Value(row).Printable())));
            }
        }
    }
}
