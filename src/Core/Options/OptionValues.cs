using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MetaMap.Core.Options;

/// <summary>
/// Options as they were given, by key, before a run's parts are chosen and what was left open is filled in. Immutable.
/// </summary>
[JsonConverter(typeof(Converter))]
public sealed class OptionValues
{
    private readonly ImmutableDictionary<string, JsonNode> _values;

    private OptionValues(ImmutableDictionary<string, JsonNode> values) => _values = values;

    /// <summary>No values: every option is left open.</summary>
    public static OptionValues None { get; } = new(ImmutableDictionary<string, JsonNode>.Empty);

    /// <summary>The keys of the given values.</summary>
    public IEnumerable<string> Keys => _values.Keys.Order(StringComparer.Ordinal);

    /// <summary>A value; null when it is left open.</summary>
    public JsonNode? this[string key] => _values.GetValueOrDefault(key);

    /// <summary>The given values.</summary>
    /// <param name="values">Keys and values; null leaves an option open.</param>
    public static OptionValues Of(params ReadOnlySpan<(string Key, object? Value)> values) => None.With(values);

    /// <summary>The values of a JSON object, unchecked.</summary>
    public static OptionValues Of(JsonObject content) => new(content
        .Where(pair => pair.Value is not null).ToImmutableDictionary(pair => pair.Key, pair => pair.Value!.DeepClone()));

    /// <summary>A copy with some values replaced or removed.</summary>
    /// <param name="values">Keys and values; null leaves an option open.</param>
    public OptionValues With(params ReadOnlySpan<(string Key, object? Value)> values)
    {
        ImmutableDictionary<string, JsonNode>.Builder changed = _values.ToBuilder();
        foreach ((string key, object? value) in values)
        {
            if (value is null)
            {
                changed.Remove(key);
            }
            else
            {
                changed[key] = value as JsonNode ?? JsonSerializer.SerializeToNode(value, value.GetType(), OptionSchema.Values)!;
            }
        }

        return new OptionValues(changed.ToImmutable());
    }

    /// <summary>The values whose key fulfils a condition.</summary>
    public OptionValues Where(Func<string, bool> isKept) => new(_values.Where(pair => isKept(pair.Key)).ToImmutableDictionary());

    /// <summary>As a JSON object.</summary>
    public JsonObject ToJson() => new([.. _values.OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value.DeepClone()))]);

    private sealed class Converter : JsonConverter<OptionValues>
    {
        public override OptionValues Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonElement.ParseValue(ref reader) is not { ValueKind: JsonValueKind.Object } content ? throw new JsonException("Options are an object.")
            : content.EnumerateObject().CountBy(property => property.Name).FirstOrDefault(named => named.Value > 1) is { Key: { } twice } ? throw new JsonException($"'{twice}' is given twice.")
            : Of(JsonObject.Create(content)!);

        public override void Write(Utf8JsonWriter writer, OptionValues value, JsonSerializerOptions options) => value.ToJson().WriteTo(writer);
    }
}
