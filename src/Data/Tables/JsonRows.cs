using System.Text.Json;
using MetaMap.Core;
using MetaMap.Data.Files;

namespace MetaMap.Data.Tables;

/// <summary>Reads an array of JSON objects, or one object a line. Columns are their keys; a value that is an array or an object is none.</summary>
internal static class JsonRows
{
    /// <summary>What a file must be, for messages.</summary>
    public const string Form = "an array of objects, or one object a line";

    /// <summary>Most different keys: each takes room in every row.</summary>
    private const int MostKeys = 4096;

    private static readonly string[] _endings = [".json", ".jsonl", ".ndjson"];

    /// <summary>Whether a file is read as JSON, by its name.</summary>
    public static bool Applies(string path) => _endings.Contains(RowFiles.EndingOf(path));

    /// <summary>Reads all objects; null for JSON of another form.</summary>
    /// <exception cref="DataException">It is not JSON, or its objects have too many different keys.</exception>
    public static TableFile? Read(string path, byte[] content)
    {
        int first = content.AsSpan().IndexOfAnyExcept(" \t\r\n"u8);
        bool isArray = first >= 0 && content[first] == (byte)'[';
        List<(int Line, Dictionary<string, string> Values)>? objects = isArray ? Array(path, content) : Lines(path, content);
        if (objects is null)
        {
            return null;
        }

        string unit = isArray ? "item" : "line";
        string[] names = Names(path, unit, objects);
        return objects.Count > 0 && names.Length == 0 ? null
            : new TableFile(path, content, [.. objects.Select(item => new TableRow(item.Line, [.. names.Select(name => item.Values.GetValueOrDefault(name, ""))]))])
            {
                Names = names, Unit = unit,
            };
    }

    private static string[] Names(string path, string unit, List<(int Line, Dictionary<string, string> Values)> objects)
    {
        List<string> names = [];
        HashSet<string> known = new(StringComparer.Ordinal);
        foreach ((int line, Dictionary<string, string> values) in objects)
        {
            names.AddRange(values.Keys.Where(known.Add));
            if (names.Count > MostKeys)
            {
                throw new DataException($"{path} has more than {MostKeys} different keys up to {unit} {line}: write rows that all have the same keys, such as {{\"key\": …, \"value\": …}}");
            }
        }

        return [.. names];
    }

    private static List<(int Line, Dictionary<string, string> Values)>? Array(string path, byte[] content)
    {
        using JsonDocument document = Parse(path, 1, content);
        return document.RootElement.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object)
            ? [.. document.RootElement.EnumerateArray().Select((item, i) => (i + 1, Values($"{path} item {i + 1}", item)))] : null;
    }

    private static List<(int Line, Dictionary<string, string> Values)>? Lines(string path, byte[] content)
    {
        List<(int Line, Dictionary<string, string> Values)> objects = [];
        int number = 0;
        foreach (Range range in content.AsSpan().Split((byte)'\n'))
        {
            number++;
            ReadOnlyMemory<byte> line = content.AsMemory(range);
            if (line.Span.IndexOfAnyExcept(" \t\r"u8) < 0)
            {
                continue;
            }

            if (objects.Count == 0 && !IsObject(line))
            {
                return null;
            }

            using JsonDocument document = Parse(path, number, line);
            objects.Add(document.RootElement.ValueKind == JsonValueKind.Object ? (number, Values($"{path} line {number}", document.RootElement))
                : throw new DataException($"{path} line {number} is no JSON object, expected one a line: correct or remove the line"));
        }

        return objects;
    }

    private static bool IsObject(ReadOnlyMemory<byte> line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static JsonDocument Parse(string path, int firstLine, ReadOnlyMemory<byte> content)
    {
        try
        {
            return JsonDocument.Parse(content);
        }
        catch (JsonException error)
        {
            throw new DataException($"{path} line {firstLine + (error.LineNumber ?? 0)} is not valid JSON: correct the line, or write the file anew", error);
        }
    }

    private static Dictionary<string, string> Values(string at, JsonElement item)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        try
        {
            foreach (JsonProperty property in item.EnumerateObject().Where(property => property.Value.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object)))
            {
                values[property.Name] = property.Value.ValueKind == JsonValueKind.Null ? "" : property.Value.ToString();
            }
        }
        catch (InvalidOperationException error)
        {
            throw new DataException($"{at} holds half of a Unicode character: write it as UTF-8", error);
        }

        return values;
    }
}
