using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Training.Configuration;

namespace MetaMap.Testing;

/// <summary>Networks by name, for tests that need no run.</summary>
internal static class Specs
{
    /// <summary>A network with other than its default options where they are given.</summary>
    public static ModelSpec Of(string name, InputShape input, int outputs, params (string Key, object? Value)[] options)
    {
        IModelDefinition model = PartRegistry.Models[name];
        var values = OptionValues.Of(options);
        return new ModelSpec(model, input, outputs, OptionSchema.Bind(model.Options, option => values[option.Key]));
    }

    /// <summary>A network with so many filters, where it has any.</summary>
    public static ModelSpec Of(string name, InputShape input, int outputs, int filters) => Of(name, input, outputs, ("filters", filters));
}
