using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MetaMap.Core.Options;

/// <summary>
/// Reads the options that a record declares. An option is a property with <c>[Description]</c>: its key in files is its
/// name in snake_case, its flag on the command line its name in kebab-case, its limits are validation attributes, and its
/// default is what a new record holds. Everything else (reading, help, checks, errors) follows from that.
/// </summary>
public static class OptionSchema
{
    private static readonly ConcurrentDictionary<Type, ImmutableArray<OptionInfo>> _schemas = new();

    /// <summary>The JSON conventions of every file and message of the project.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
    };

    // A NaN from the command line is refused by the option's limits, with a readable message, and not by the JSON reader.
    // And a null is kept: a record that leaves an option open must not get the default of its type back.
    internal static JsonSerializerOptions Values { get; } = new(Json)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    /// <summary>The options of a record, in the order of their declaration, those of its base first.</summary>
    /// <param name="options">The type of the record.</param>
    public static ImmutableArray<OptionInfo> Of(Type options) => _schemas.GetOrAdd(options, type =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.IsDefined(typeof(DescriptionAttribute)))
            .OrderBy(property => Depth(property.DeclaringType!)).ThenBy(property => property.MetadataToken)
            .Select(property => new OptionInfo(property)),
    ]);

    /// <summary>A copy of a record with the given values, checked.</summary>
    /// <param name="defaults">The record to begin with.</param>
    /// <param name="value">The value of an option; null leaves that of the record.</param>
    /// <exception cref="ConfigurationException">A value out of its range, in one sentence.</exception>
    public static object Bind(object defaults, Func<OptionInfo, JsonNode?> value)
    {
        object bound = Read(defaults, value);
        Check(bound);
        return bound;
    }

    /// <summary>A copy of a record with the given values, unchecked.</summary>
    /// <param name="defaults">The record to begin with.</param>
    /// <param name="value">The value of an option; null leaves that of the record.</param>
    public static object Read(object defaults, Func<OptionInfo, JsonNode?> value)
    {
        JsonObject content = JsonSerializer.SerializeToNode(defaults, defaults.GetType(), Values)!.AsObject();
        foreach (OptionInfo option in Of(defaults.GetType()))
        {
            if (value(option) is { } given)
            {
                content[option.Key] = given.DeepClone();
            }
        }

        return content.Deserialize(defaults.GetType(), Values)!;
    }

    private static void Check(object options)
    {
        foreach (OptionInfo option in Of(options.GetType()))
        {
            option.Check(options);
        }

        if (options is IValidatableObject whole && whole.Validate(new ValidationContext(options)).FirstOrDefault() is { ErrorMessage: { } sentence })
        {
            throw new ConfigurationException(sentence);
        }
    }

    private static int Depth(Type type) => type.BaseType is { } parent ? 1 + Depth(parent) : 0;
}
