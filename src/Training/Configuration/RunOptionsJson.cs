using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MetaMap.Core;
using MetaMap.Core.Options;

namespace MetaMap.Training.Configuration;

/// <summary><see cref="RunOptions"/> as one flat JSON object: snake_case keys, unknown keys refused.</summary>
public static class RunOptionsJson
{
    private static readonly JsonDocumentOptions _eachKeyOnce = new() { AllowDuplicateProperties = false };

    /// <summary>The JSON conventions of files and messages that hold options of runs.</summary>
    public static JsonSerializerOptions Conventions { get; } = new(OptionSchema.Json) { Converters = { new Converter() } };

    /// <summary>Writes every option, defaults included.</summary>
    public static string Write(RunOptions options) => Content(options).ToJsonString(OptionSchema.Json);

    /// <summary>Reads and resolves options; absent keys get their defaults.</summary>
    /// <param name="json">A JSON object.</param>
    /// <param name="source">Where it is from, for error messages.</param>
    /// <exception cref="ConfigurationException">Not JSON, an unknown key, a value out of range, or one that nothing reads.</exception>
    public static RunOptions Read(string json, string source) => ReadOpen(json, source).Resolve();

    /// <summary>Reads options that are given to a run which has options already: what is not given stays.</summary>
    /// <param name="stored">The run's.</param>
    /// <param name="json">A JSON object.</param>
    /// <param name="source">Where it is from, for error messages.</param>
    /// <exception cref="ConfigurationException">Not JSON, an unknown key, a value out of range, or one that nothing reads.</exception>
    public static RunOptions ReadOver(RunOptions stored, string json, string source)
    {
        OptionValues given = ReadOpen(json, source);
        return Values(stored).With([.. given.Keys.Select(key => (key, (object?)given[key]))]).Resolve();
    }

    /// <summary>Reads the options of an existing run; absent keys get the values that held before the option existed.</summary>
    /// <param name="json">What <see cref="Write"/> of this or an earlier version wrote.</param>
    /// <param name="source">Where it is from, for error messages.</param>
    /// <exception cref="ConfigurationException">Not JSON, an unknown key, a value out of range, or one that nothing reads.</exception>
    public static RunOptions ReadStored(string json, string source)
    {
        OptionValues stored = ReadOpen(json, source);
        return (stored["batching"] is null ? stored.With(("batching", RunOptions.Unbatched)) : stored).Resolve();
    }

    /// <summary>Reads options as they stand, unresolved, so that others can be laid over them.</summary>
    /// <param name="json">A JSON object.</param>
    /// <param name="source">Where it is from, for error messages.</param>
    /// <exception cref="ConfigurationException">Not JSON, or an unknown key.</exception>
    public static OptionValues ReadOpen(string json, string source)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: _eachKeyOnce) switch
            {
                JsonObject content => Known(content, source),
                null => throw new ConfigurationException($"{source} holds no run options; write a JSON object."),
                _ => throw Refuse(source, "is not valid JSON for run options"),
            };
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            throw new ConfigurationException($"{source} is no text: it holds half of a Unicode character; write it as UTF-8.", error);
        }
        catch (JsonException error)
        {
            throw Refuse(source, $"is not valid JSON for run options{(NumberText.AdviceOnJson(json) is { } advice ? $" ({advice})" : "")}", error);
        }
    }

    /// <summary>What is wrong with a JSON text, as the end of a sentence that begins with its source.</summary>
    /// <param name="error">What the reader says.</param>
    /// <param name="of">What it should have been; null for anything else than run options.</param>
    public static string Explain(JsonException error, string? of = "run options")
    {
        string expected = of is null ? "is not valid JSON" : $"is not valid JSON for {of}";
        string at = error.Path is { Length: > 2 } path ? $" '{path[2..]}'" : "";
        return error.Message.Contains("could not be mapped", StringComparison.Ordinal) ? $"has the unknown key{at}"
            : at.Length > 0 ? $"{expected} at{at}" : expected;
    }

    /// <summary>Resolved options as values, every default given.</summary>
    public static OptionValues Values(RunOptions options) => OptionValues.Of(Content(options));

    private static OptionValues Known(JsonObject content, string source)
    {
        foreach ((string key, JsonNode? value) in content)
        {
            if (PartRegistry.Problem(key, value) is { } problem)
            {
                throw Refuse(source, problem);
            }
        }

        return OptionValues.Of(content);
    }

    /// <summary>The options of the run, those of each part after the option that names it.</summary>
    private static JsonObject Content(RunOptions options)
    {
        JsonObject content = [];
        ImmutableArray<string> unread = options.AlgorithmDefinition.Unread;
        foreach (OptionInfo option in OptionSchema.Of(typeof(RunOptions)))
        {
            Add(option, options);
            foreach ((IPart part, object own) in options.Parts.Where(part => PartRegistry.KindOf(part.Part) == option.Key))
            {
                foreach (OptionInfo inner in OptionSchema.Of(own.GetType()))
                {
                    Add(inner, own);
                }
            }
        }

        return content;

        void Add(OptionInfo option, object owner)
        {
            if (!unread.Contains(option.Key) && option.ValueIn(owner) is { } value)
            {
                content[option.Key] = JsonSerializer.SerializeToNode(value, option.ValueType, OptionSchema.Json);
            }
        }
    }

    private static ConfigurationException Refuse(string source, string what, Exception? cause = null)
    {
        string sentence = $"{source} {what}; the keys are those of config.json in any run directory, and those of plug-ins that METAMAP_PLUGINS names.";
        return cause is null ? new ConfigurationException(sentence) : new ConfigurationException(sentence, cause);
    }

    private sealed class Converter : JsonConverter<RunOptions>
    {
        public override RunOptions Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            ReadOpen(JsonNode.Parse(ref reader)?.ToJsonString() ?? "null", "The text").Resolve();

        public override void Write(Utf8JsonWriter writer, RunOptions value, JsonSerializerOptions options) => Content(value).WriteTo(writer);
    }
}
