using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using MetaMap.Core.Aggregation;
using MetaMap.Core.Algorithms;
using MetaMap.Core.Data;
using MetaMap.Core.Models;
using MetaMap.Core.Optimization;

namespace MetaMap.Core.Configuration;

/// <summary>
/// The parts that a run's options name, and the rule for options that not every part reads: each is refused when
/// given in vain, and filled in when left open. A default of the dataset goes before one of the algorithm, and that
/// before one of the model and of the optimisers.
/// </summary>
internal static class RunParts
{
    private static readonly ImmutableArray<PropertyInfo> _optional =
    [
        .. typeof(RunOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property =>
            property.CanWrite && !RunOptions.ReadByAll.Contains(property.Name) && new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable),
    ];

    /// <summary>Fills in what was left open and refuses what no part reads.</summary>
    /// <exception cref="ConfigurationException">A part of an unknown name, or an option in vain.</exception>
    public static RunOptions Resolve(RunOptions options)
    {
        IDatasetDefinition dataset = DatasetRegistry.Definition(options.Dataset);
        IAlgorithmDefinition algorithm = AlgorithmCatalog.All[options.Algorithm];
        string modelName = options.Model ?? dataset.Defaults.Model ?? ModelCatalog.Conv4Stride;
        string metaOptimizer = options.MetaOptimizer ?? algorithm.Defaults.MetaOptimizer ?? MetaOptimizers.Adam;
        RunOptions resolved = options with
        {
            Model = modelName, MetaOptimizer = metaOptimizer, MetaLrFinal = options.MetaLrFinal ?? algorithm.Defaults.MetaLrFinal,
        };
        List<IOptionReader> parts = Parts(resolved);
        foreach (PropertyInfo option in _optional)
        {
            bool isRead = parts.Any(part => part.Reads.Contains(option.Name));
            if (option.GetValue(resolved) is not null)
            {
                if (!isRead)
                {
                    throw new ConfigurationException(
                        $"--{Key(option)} is given, but none of {string.Join(", ", parts.Select(part => part.Name).Distinct())} reads it; leave it out.");
                }
            }
            else if (isRead && parts.Select(part => option.GetValue(part.Defaults)).FirstOrDefault(value => value is not null) is { } value)
            {
                option.SetValue(resolved, value);
            }
        }

        return resolved;
    }

    /// <summary>Leaves open what no part reads: after another algorithm was named, the options of the one before are left over.</summary>
    /// <exception cref="ConfigurationException">A part of an unknown name.</exception>
    public static RunOptions Forget(RunOptions options)
    {
        RunOptions kept = options with { };
        foreach (PropertyInfo option in _optional.Where(option => option.GetValue(options) is not null))
        {
            if (!Parts(options).Any(part => part.Reads.Contains(option.Name)))
            {
                option.SetValue(kept, null);
            }
        }

        return kept;
    }

    private static List<IOptionReader> Parts(RunOptions options)
    {
        IDatasetDefinition dataset = DatasetRegistry.Definition(options.Dataset);
        IAlgorithmDefinition algorithm = AlgorithmCatalog.All[options.Algorithm];
        List<IOptionReader> parts =
        [
            dataset, algorithm, ModelCatalog.All[options.Model ?? dataset.Defaults.Model ?? ModelCatalog.Conv4Stride],
            MetaOptimizers.All[options.MetaOptimizer ?? algorithm.Defaults.MetaOptimizer ?? MetaOptimizers.Adam],
            .. algorithm.ChosenParts(options),
        ];
        if (algorithm.Reads.Contains(nameof(RunOptions.InnerOptimizer)))
        {
            parts.Add(InnerOptimizers.All[options.InnerOptimizer ?? algorithm.Defaults.InnerOptimizer ?? InnerOptimizers.Sgd]);
        }

        parts.Add(Aggregations.All[options.Aggregation]);
        return parts;
    }

    private static string Key(PropertyInfo option) => JsonNamingPolicy.KebabCaseLower.ConvertName(option.Name);
}
