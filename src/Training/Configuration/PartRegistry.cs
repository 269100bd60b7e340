using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Nodes;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Training.Aggregation;
using MetaMap.Training.Optimization;

namespace MetaMap.Training.Configuration;

/// <summary>The parts that a run's options can name. Built-in parts and those of plug-ins are added in the same way.</summary>
public static class PartRegistry
{
    // Rebuilt after each part that is added; all are added before the first run.
    private static volatile KnownOptions? _known;

    /// <summary>The datasets.</summary>
    public static Registry<IDatasetDefinition> Datasets { get; } = new("dataset");

    /// <summary>The meta-algorithms.</summary>
    public static Registry<IAlgorithmDefinition> Algorithms { get; } = new("algorithm");

    /// <summary>The networks.</summary>
    public static Registry<IModelDefinition> Models { get; } = new("model");

    /// <summary>All parts, including those that other parts choose among.</summary>
    public static IEnumerable<IPart> All =>
    [
        .. Datasets.All, .. Algorithms.All, .. Algorithms.All.SelectMany(algorithm => algorithm.Choices).Distinct(), .. Models.All,
        .. MetaOptimizers.All.All, .. Aggregations.All.All,
    ];

    /// <summary>The key of the run option that names parts of this kind; inner optimisers and solvers belong to <c>algorithm</c>.</summary>
    public static string KindOf(IPart part) => part switch
    {
        IDatasetDefinition => "dataset",
        IModelDefinition => "model",
        MetaOptimizerDefinition => "meta_optimizer",
        AggregationDefinition => "aggregation",
        _ => "algorithm",
    };

    /// <summary>The names that a run option chooses among; none for an option that names no part.</summary>
    /// <param name="key">Its key, e.g. <c>dataset</c>.</param>
    public static ImmutableArray<string> NamesOf(string key) => key switch
    {
        "dataset" => Datasets.Names,
        "algorithm" => Algorithms.Names,
        "model" => Models.Names,
        "meta_optimizer" => MetaOptimizers.All.Names,
        "aggregation" => Aggregations.All.Names,
        _ => [],
    };

    /// <summary>Every option, with the parts that read it; options of every run have no such parts.</summary>
    public static ImmutableArray<(OptionInfo Option, ImmutableArray<IPart> Readers)> Options => Known.Options;

    private static KnownOptions Known => _known ??= new KnownOptions(
    [
        .. OptionSchema.Of(typeof(RunOptions)).Select(option => (option, ImmutableArray<IPart>.Empty)),
        .. All.SelectMany(part => OptionSchema.Of(part.Options.GetType()).Select(option => (Option: option, Part: part)))
            .GroupBy(pair => pair.Option.Key).Select(group => (group.First().Option, group.Select(pair => pair.Part).ToImmutableArray())),
    ]);

    /// <summary>The option with a key; null when there is none.</summary>
    public static OptionInfo? Find(string key) => Known.ByKey.GetValueOrDefault(key);

    /// <summary>Adds the parts that an assembly offers.</summary>
    /// <exception cref="ConfigurationException">A part is of no known kind, or its name is taken.</exception>
    public static void AddFrom(Assembly assembly)
    {
        foreach (MetaMapPluginAttribute attribute in assembly.GetCustomAttributes<MetaMapPluginAttribute>())
        {
            Add(Activator.CreateInstance(attribute.Part)!);
        }
    }

    /// <summary>Adds a part, or those of a family.</summary>
    /// <exception cref="ConfigurationException">
    /// It is of no known kind, its name is taken, or it has an unusable option: of an unsupported type, with the key of a run
    /// option, or with the key of another part's option of another type.
    /// </exception>
    public static void Add(object part)
    {
        switch (part)
        {
            case IPartFamily family:
                foreach (IPart member in family.Parts)
                {
                    Add(member);
                }

                break;
            case IModelDefinition model:
                RequireUsableOptions(model);
                Models.Add(model);
                break;
            case IAlgorithmDefinition algorithm:
                RequireUsableOptions(algorithm);
                Algorithms.Add(algorithm);
                break;
            case IDatasetDefinition dataset:
                RequireUsableOptions(dataset);
                Datasets.Add(dataset);
                break;
            default:
                throw new ConfigurationException(
                    $"{part.GetType().FullName} is offered, but it is no {nameof(IModelDefinition)}, {nameof(IAlgorithmDefinition)} or {nameof(IDatasetDefinition)}.");
        }

        _known = null;
    }

    /// <summary>What is wrong with a given value, as the end of a sentence; null when nothing is.</summary>
    internal static string? Problem(string key, JsonNode? value, string path = "") => Find(key) is not { } option ? $"has the unknown key '{path}{key}'"
        : value is not null && !option.Accepts(value) ? $"is not valid JSON for run options at '{path}{key}'{Advice(option, value)}" : null;

    private static string Advice(OptionInfo option, JsonNode value) =>
        option.ValueType != typeof(bool) && value is JsonValue given && given.TryGetValue(out string? text) && NumberText.Advice(text) is { } advice ? $" ({advice}, without quotes)" : "";

    private static void RequireUsableOptions(IPart part)
    {
        foreach (OptionInfo option in part.Choices.Prepend(part).SelectMany(one => OptionSchema.Of(one.Options.GetType())))
        {
            string? problem = !OptionInfo.Types.Contains(option.ValueType) ? $"but options are of {string.Join(", ", OptionInfo.Types.Select(type => type.Name))}"
                : OptionSchema.Of(typeof(RunOptions)).Any(own => own.Key == option.Key) ? "which every run has; rename it"
                : Find(option.Key) is { } known && known.ValueType != option.ValueType ? $"but there is one of type {known.ValueType.Name}; rename it" : null;
            if (problem is not null)
            {
                throw new ConfigurationException($"{part.Name} has an option {option.Flag} of type {option.ValueType.Name}, {problem}.");
            }
        }
    }

    private sealed class KnownOptions(ImmutableArray<(OptionInfo Option, ImmutableArray<IPart> Readers)> options)
    {
        public ImmutableArray<(OptionInfo Option, ImmutableArray<IPart> Readers)> Options => options;

        public FrozenDictionary<string, OptionInfo> ByKey { get; } = options.ToFrozenDictionary(pair => pair.Option.Key, pair => pair.Option);
    }
}
