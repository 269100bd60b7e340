using MetaMap.Core;
using MetaMap.Core.Models;

namespace MetaMap.Learning.Models;

/// <summary>The networks of <see cref="ModelCatalog"/>, ready to compute.</summary>
public static class ModelFactory
{
    /// <summary>Creates the network of a specification.</summary>
    /// <exception cref="ConfigurationException">The name is unknown or the image too small for the network.</exception>
    public static IModel Create(ModelSpec spec) => spec.Name switch
    {
        ModelCatalog.Conv4 or ModelCatalog.Conv4Stride => new Conv4Model(spec),
        ModelCatalog.Cnn => new CnnModel(spec),
        _ => throw new ConfigurationException(
            $"There is no model '{spec.Name}'; choose one of {string.Join(", ", ModelCatalog.Names)}."),
    };
}
