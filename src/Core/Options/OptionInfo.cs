using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MetaMap.Core.Options;

/// <summary>One option of an options record.</summary>
public sealed class OptionInfo
{
    private readonly PropertyInfo _property;

    internal OptionInfo(PropertyInfo property)
    {
        _property = property;
        Key = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
        Flag = "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(property.Name);
        ValueType = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        Help = property.GetCustomAttribute<DescriptionAttribute>()!.Description;
        Category = (property.GetCustomAttribute<CategoryAttribute>() ?? property.DeclaringType!.GetCustomAttribute<CategoryAttribute>())?.Category;
        Limits = [.. property.GetCustomAttributes<ValidationAttribute>()];
    }

    /// <summary>The types that an option can have.</summary>
    public static ImmutableArray<Type> Types { get; } = [typeof(int), typeof(long), typeof(double), typeof(bool), typeof(string)];

    /// <summary>Its key in JSON, e.g. <c>inner_lr</c>.</summary>
    public string Key { get; }

    /// <summary>Its flag on the command line, e.g. <c>--inner-lr</c>.</summary>
    public string Flag { get; }

    /// <summary>One of <see cref="Types"/>; of an option that null turns off, the underlying type.</summary>
    public Type ValueType { get; }

    /// <summary>The help text, one sentence.</summary>
    public string Help { get; }

    /// <summary>The group that help lists it in, from <c>[Category]</c> at the property or its record; null for that of its part's kind.</summary>
    public string? Category { get; }

    /// <summary>The limits on its value.</summary>
    public ImmutableArray<ValidationAttribute> Limits { get; }

    /// <summary>Its value in an options record; null when it is off.</summary>
    public object? ValueIn(object options) => _property.GetValue(options);

    /// <summary>Whether a JSON value is of its type.</summary>
    public bool Accepts(JsonNode value)
    {
        try
        {
            return value.Deserialize(ValueType, OptionSchema.Values) is not null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <exception cref="ConfigurationException">The value is out of its range.</exception>
    internal void Check(object options)
    {
        var context = new ValidationContext(options) { MemberName = _property.Name, DisplayName = Flag };
        foreach (ValidationAttribute limit in Limits)
        {
            if (limit.GetValidationResult(ValueIn(options), context) is { ErrorMessage: { } sentence })
            {
                throw new ConfigurationException(sentence);
            }
        }
    }
}
