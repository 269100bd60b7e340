using System.Collections.Concurrent;
using MetaMap.Core;
using MetaMap.Core.Models;
using MetaMap.Learning.Kernels;

namespace MetaMap.Learning.Models;

/// <summary>The networks of <see cref="ModelCatalog"/>, ready to compute. Plug-ins add theirs at start-up.</summary>
public static class ModelFactory
{
    private static readonly ConcurrentDictionary<string, Func<ModelSpec, Convolution, IModel>> _providers = new(StringComparer.Ordinal)
    {
        [ModelCatalog.Conv4] = (spec, convolution) => new Conv4Model(spec, convolution),
        [ModelCatalog.Conv4Stride] = (spec, convolution) => new Conv4Model(spec, convolution),
        [ModelCatalog.Cnn] = (spec, convolution) => new CnnModel(spec, convolution),
        [ModelCatalog.Mlp] = (spec, _) => new MlpModel(spec),
        [ModelCatalog.ResNet12] = (spec, convolution) => new ResNet12Model(spec, convolution),
        [ModelCatalog.TextCnn] = (spec, convolution) => new TextCnnModel(spec, convolution),
        [ModelCatalog.RatingsMlp] = (spec, _) => new RatingsMlpModel(spec),
    };

    /// <summary>Creates the network of a specification.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="convolution">How it computes convolutions, e.g. what <see cref="KernelChooser"/> has chosen.</param>
    /// <exception cref="ConfigurationException">The name is unknown or the input does not fit the network.</exception>
    public static IModel Create(ModelSpec spec, Convolution convolution)
    {
        string name = ModelCatalog.All[spec.Name].Name;
        return _providers.TryGetValue(name, out Func<ModelSpec, Convolution, IModel>? create)
            ? create(spec, convolution)
            : throw new ConfigurationException($"Model {name} has a definition but no network; register both in its plug-in.");
    }

    /// <summary>Adds a network from outside.</summary>
    /// <param name="name">The name of its definition in <see cref="ModelCatalog.All"/>.</param>
    /// <param name="create">Makes the network; convolutions in it are to be computed as the second argument does.</param>
    /// <exception cref="ConfigurationException">The name is taken.</exception>
    public static void Add(string name, Func<ModelSpec, Convolution, IModel> create)
    {
        if (!_providers.TryAdd(name, create))
        {
            throw new ConfigurationException($"There are two models with the name '{name}'; rename that of the plug-in.");
        }
    }
}
