using System.Collections.Concurrent;
using MetaMap.Core;
using MetaMap.Core.Algorithms;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Learning.Algorithms.Inner;

namespace MetaMap.Learning.Algorithms;

/// <summary>The algorithms of <see cref="AlgorithmCatalog"/>, ready to compute. Plug-ins add theirs at start-up.</summary>
public static class MetaAlgorithmFactory
{
    private static readonly ConcurrentDictionary<string, Func<RunOptions, DatasetCatalog, IMetaAlgorithm>> _providers = new(StringComparer.Ordinal)
    {
        ["maml"] = (options, _) => MamlFamily.Maml(InnerLoopOptions.From(options)),
        ["fomaml"] = (options, _) => MamlFamily.Fomaml(InnerLoopOptions.From(options)),
        ["anil"] = (options, _) => MamlFamily.Anil(InnerLoopOptions.From(options)),
        ["boil"] = (options, _) => MamlFamily.Boil(InnerLoopOptions.From(options)),
        ["meta-sgd"] = (options, _) => MamlFamily.MetaSgd(InnerLoopOptions.From(options)),
        ["maml++"] = (options, _) => new MamlPlusPlus(
            InnerLoopOptions.From(options), options.MultiStepIterations ?? 0, options.FirstOrderIterations ?? 0),
        ["reptile"] = (options, _) => new Reptile(InnerLoopOptions.From(options), options.InnerBatch),
        ["imaml"] = (options, _) => new Imaml(
            InnerLoopOptions.From(options), options.ProximalStrength!.Value, options.CgSteps!.Value),
        ["cavia"] = (options, _) => new Cavia(InnerLoopOptions.From(options)),
        ["feature-offset"] = (options, catalog) => new FeatureOffset(FeatureOffsetOptions.From(options), catalog.IsRegression),
        ["protonet"] = (_, _) => new Protonet(),
        ["pretrain"] = (options, catalog) => new Pretrain(
            options.InnerLr!.Value, catalog.IsRegression ? null : TrainingLabels.Of(options, catalog)),
    };

    /// <summary>Creates the algorithm that a run asks for.</summary>
    /// <param name="options">Resolved.</param>
    /// <param name="catalog">The run's dataset.</param>
    /// <exception cref="ConfigurationException">The name is unknown.</exception>
    public static IMetaAlgorithm Create(RunOptions options, DatasetCatalog catalog)
    {
        string name = AlgorithmCatalog.All[options.Algorithm].Name;
        return _providers.TryGetValue(name, out Func<RunOptions, DatasetCatalog, IMetaAlgorithm>? create)
            ? create(options, catalog)
            : throw new ConfigurationException($"Algorithm {name} has a definition but no computation; register both in its plug-in.");
    }

    /// <summary>Adds an algorithm from outside.</summary>
    /// <param name="name">The name of its definition in <see cref="AlgorithmCatalog.All"/>.</param>
    /// <param name="create">Makes the algorithm for a run's resolved options and dataset.</param>
    /// <exception cref="ConfigurationException">The name is taken.</exception>
    public static void Add(string name, Func<RunOptions, DatasetCatalog, IMetaAlgorithm> create)
    {
        if (!_providers.TryAdd(name, create))
        {
            throw new ConfigurationException($"There are two algorithms with the name '{name}'; rename that of the plug-in.");
        }
    }
}
