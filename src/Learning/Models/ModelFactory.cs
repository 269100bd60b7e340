using System.Collections.Concurrent;
using MetaMap.Core;
using MetaMap.Core.Models;

namespace MetaMap.Learning.Models;

/// <summary>The networks of <see cref="ModelCatalog"/>, ready to compute. Plug-ins add theirs at start-up.</summary>
public static class ModelFactory
{
    private static readonly ConcurrentDictionary<string, Func<ModelSpec, IModel>> _providers = new(StringComparer.Ordinal)
    {
        [ModelCatalog.Conv4] = spec => new Conv4Model(spec),
        [ModelCatalog.Conv4Stride] = spec => new Conv4Model(spec),
        [ModelCatalog.Cnn] = spec => new CnnModel(spec),
        [ModelCatalog.Mlp] = spec => new MlpModel(spec),
        [ModelCatalog.ResNet12] = spec => new ResNet12Model(spec),
        [ModelCatalog.TextCnn] = spec => new TextCnnModel(spec),
        [ModelCatalog.RatingsMlp] = spec => new RatingsMlpModel(spec),
    };

    /// <summary>Creates the network of a specification.</summary>
    /// <exception cref="ConfigurationException">The name is unknown or the input does not fit the network.</exception>
    public static IModel Create(ModelSpec spec)
    {
        string name = ModelCatalog.All[spec.Name].Name;
        return _providers.TryGetValue(name, out Func<ModelSpec, IModel>? create)
            ? create(spec)
            : throw new ConfigurationException($"Model {name} has a definition but no network; register both in its plug-in.");
    }

    /// <summary>Adds a network from outside.</summary>
    /// <param name="name">The name of its definition in <see cref="ModelCatalog.All"/>.</param>
    /// <param name="create">Makes the network.</param>
    /// <exception cref="ConfigurationException">The name is taken.</exception>
    public static void Add(string name, Func<ModelSpec, IModel> create)
    {
        if (!_providers.TryAdd(name, create))
        {
            throw new ConfigurationException($"There are two models with the name '{name}'; rename that of the plug-in.");
        }
    }
}
