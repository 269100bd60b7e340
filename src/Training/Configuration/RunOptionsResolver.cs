using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Training.Aggregation;
using MetaMap.Training.Optimization;

namespace MetaMap.Training.Configuration;

/// <summary>
/// Makes a run's options from what was given: chooses its parts, fills in what was left open, and refuses what no part
/// reads, because a setting without effect misleads. A suggestion of the dataset takes precedence over one of the algorithm, that over one of the
/// network, and all over a part's own default.
/// </summary>
public static class RunOptionsResolver
{
    private static readonly RunOptions _defaults = new();

    /// <summary>The options of a run.</summary>
    /// <param name="given">What was given; the rest is filled in.</param>
    /// <param name="source">Where it is from, for error messages.</param>
    /// <param name="path">Prefix of its keys in the source, e.g. <c>options.</c>.</param>
    /// <exception cref="ConfigurationException">A value out of range, an unknown name, or an option that nothing reads, in one sentence.</exception>
    public static RunOptions Resolve(this OptionValues given, string source = "What is given", string path = "")
    {
        if (given.Keys.Select(key => PartRegistry.Problem(key, given[key], path)).FirstOrDefault(problem => problem is not null) is { } problem)
        {
            throw new ConfigurationException($"{source} {problem}; the keys are those of config.json in any run directory.");
        }

        Choice choice = Choose(given);
        foreach (OptionInfo option in given.Keys.Where(key => !IsRead(key, choice)).Select(PartRegistry.Find).OfType<OptionInfo>())
        {
            throw new ConfigurationException(
                $"{option.Flag} is given, but none of {string.Join(", ", choice.Parts.Select(part => part.Name).Distinct())} reads it; leave it out.");
        }

        var parts = new ChosenParts([.. choice.Parts.Select(part => (part, OptionSchema.Bind(part.Options, choice.Value)))]);
        var run = (RunOptions)OptionSchema.Bind(_defaults, choice.Value) with { Parts = parts };
        run = run.Supervised is { } supervised ? run with { MetaBatch = (supervised.BatchSize + supervised.Slice - 1) / supervised.Slice } : run;
        Aggregations.Check(run.Find<TrimOptions>(), run.MetaBatch, run.Block);
        return run;
    }

    /// <summary>Drops every option that no chosen part reads, such as those of the previous algorithm after another one was named.</summary>
    /// <exception cref="ConfigurationException">A part has an unknown name.</exception>
    public static OptionValues WithoutUnread(this OptionValues given)
    {
        Choice choice = Choose(given);
        return given.Where(key => IsRead(key, choice));
    }

    private static Choice Choose(OptionValues given)
    {
        IDatasetDefinition dataset = PartRegistry.Datasets[Text(given["dataset"]) ?? _defaults.Dataset];
        // With its own options, because a table is advised by what is to be predicted.
        List<IReadOnlyDictionary<string, object>> advice = [dataset.AdviceFor(OptionSchema.Read(dataset.Options, option => given[option.Key]))];
        IAlgorithmDefinition algorithm = PartRegistry.Algorithms[Named("algorithm") ?? _defaults.Algorithm];
        advice.Add(algorithm.AdviceOn(dataset));
        IModelDefinition model = PartRegistry.Models[Named("model") ?? _defaults.Model];
        advice.Add(model.Advice);
        MetaOptimizerDefinition metaOptimizer = MetaOptimizers.All[Named("meta_optimizer") ?? _defaults.MetaOptimizer];
        // Unchecked: the chosen parts must be known before an unread option is refused, and that is done before ranges are checked.
        object algorithmOptions = OptionSchema.Read(algorithm.Options, Value);
        AggregationDefinition aggregation = Aggregations.All[Named("aggregation") ?? _defaults.Aggregation];
        return new Choice([dataset, algorithm, model, metaOptimizer, .. algorithm.Chosen(algorithmOptions), aggregation], Value);

        JsonNode? Value(OptionInfo option) => Suggested(option.Key);

        string? Named(string key) => Text(Suggested(key));

        JsonNode? Suggested(string key) => given[key] ?? advice
            .Select(suggestions => suggestions.TryGetValue(key, out object? value) ? JsonSerializer.SerializeToNode(value, value.GetType()) : null).FirstOrDefault(value => value is not null);
    }

    private static string? Text(JsonNode? value) => value?.GetValue<string>();

    private static bool IsRead(string key, Choice choice) => !choice.Unread.Contains(key)
        && choice.Parts.Select(part => part.Options.GetType()).Append(typeof(RunOptions)).Any(type => OptionSchema.Of(type).Any(option => option.Key == key));

    private sealed record Choice(ImmutableArray<IPart> Parts, Func<OptionInfo, JsonNode?> Value)
    {
        public ImmutableArray<string> Unread => Parts.OfType<IAlgorithmDefinition>().First().Unread;
    }
}
