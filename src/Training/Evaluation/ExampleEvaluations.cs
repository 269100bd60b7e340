using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Evaluation;

/// <summary>The examples that a supervised model is evaluated on, all of a part: of its own data, or of other data with classes of the same names.</summary>
internal static class ExampleEvaluations
{
    /// <summary>Chooses the examples; arguments and exceptions as of <see cref="EvaluationEpisodes.Of"/>.</summary>
    public static EvaluationEpisodes Of(RunOptions options, TrainingData? model, DatasetCatalog catalog, string part)
    {
        if (model is not null && model.Digest != catalog.Digest)
        {
            return OfOther(options, model, catalog, part);
        }

        SplitPart named = part == EvaluationParts.All ? throw new ConfigurationException(
            "--part all means classes that a model was never trained on, but a supervised model knows all classes of its data: choose test, validation or train, which are parts of the examples of each.")
            : EvaluationParts.Read(part);
        IEpisodeSampler sampler = options.SamplerFor(catalog);
        sampler.Require(named);
        return new EvaluationEpisodes(sampler, named, part, options.TrainingClasses(catalog), null);
    }

    private static EvaluationEpisodes OfOther(RunOptions options, TrainingData model, DatasetCatalog catalog, string part)
    {
        string differs = $"the model was trained on {catalog.Name} {Digests.Abbreviate(model.Digest)}, the data here is {Digests.Abbreviate(catalog.Digest)}";
        if (part != EvaluationParts.All)
        {
            throw new DataException($"{differs}, so it has no {part} {catalog.Nouns.Examples} of the model: give the model's own data, or --part {EvaluationParts.All} for all {catalog.Nouns.Examples} that are here");
        }

        model.RequireInputs(catalog);
        string[] names = [.. catalog.Classes.Select(item => item.Name)];
        // Built-in datasets draw their own classes, so their models name none.
        if (!catalog.IsRegression && (model.Train.IsEmpty || names.FirstOrDefault(name => !model.Train.Contains(name)) is not null))
        {
            throw new DataException(
                $"{differs} and has class {names.FirstOrDefault(name => !model.Train.Contains(name))}, which a supervised model that never saw it cannot tell: leave such classes out, or adapt the model with --init");
        }

        ImmutableArray<ExampleIndex> all = [.. catalog.Classes.SelectMany((item, index) => Enumerable.Range(0, item.ExampleCount).Select(example => new ExampleIndex(index, example)))];
        MinibatchSampler sampler = new(catalog, new ExampleSplit([], [], all), options.Seed, options.Supervised!)
        {
            Labels = catalog.IsRegression ? null : [.. model.Train.Select(name => Array.IndexOf(names, name))],
        };
        return new EvaluationEpisodes(sampler, SplitPart.Test, part, [], $"{differs}: all {all.Length} {catalog.Nouns.Examples} are evaluated, also those, if any, that were trained on");
    }
}
