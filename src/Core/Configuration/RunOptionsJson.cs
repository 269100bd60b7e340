using System.Text.Json;
using System.Text.Json.Serialization;

namespace MetaMap.Core.Configuration;

/// <summary><see cref="RunOptions"/> as JSON: snake_case keys, unknown keys refused.</summary>
public static class RunOptionsJson
{
    /// <summary>The JSON conventions of every file and message of the project.</summary>
    public static JsonSerializerOptions Conventions { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
    };

    /// <summary>Writes every option, defaults included.</summary>
    public static string Write(RunOptions options) => JsonSerializer.Serialize(options, Conventions);

    /// <summary>Reads and resolves options; absent keys get their defaults.</summary>
    /// <param name="json">A JSON object.</param>
    /// <param name="source">Where it is from, for error messages.</param>
    /// <exception cref="ConfigurationException">Not JSON, an unknown key, a value out of range, or one that nothing reads.</exception>
    public static RunOptions Read(string json, string source) => ReadOpen(json, source).Resolve();

    /// <summary>Reads options as they stand, to be laid under others before they are resolved.</summary>
    /// <param name="json">A JSON object.</param>
    /// <param name="source">Where it is from, for error messages.</param>
    /// <exception cref="ConfigurationException">Not JSON, or an unknown key.</exception>
    public static RunOptions ReadOpen(string json, string source)
    {
        try
        {
            return JsonSerializer.Deserialize<RunOptions>(json, Conventions)
                ?? throw new ConfigurationException($"{source} holds no run options; write a JSON object.");
        }
        catch (ArgumentException error)
        {
            throw new ConfigurationException($"{source} is no text: it holds half of a Unicode character; write it as UTF-8.", error);
        }
        catch (JsonException error)
        {
            throw new ConfigurationException($"{source} {Explain(error)}; the keys are those of config.json in any run directory.", error);
        }
    }

    /// <summary>What is wrong with a JSON text, as the end of a sentence that begins with its source.</summary>
    public static string Explain(JsonException error)
    {
        string at = error.Path is { Length: > 2 } path ? $" '{path[2..]}'" : "";
        return error.Message.Contains("could not be mapped", StringComparison.Ordinal) ? $"has the unknown key{at}"
            : at.Length > 0 ? $"is not valid JSON for run options at{at}" : "is not valid JSON for run options";
    }
}
