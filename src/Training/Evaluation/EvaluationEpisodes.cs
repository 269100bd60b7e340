using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Evaluation;

/// <summary>The episodes that a model is evaluated on: those of a part of its own data, or of the classes of other data that it was never trained on.</summary>
public sealed class EvaluationEpisodes
{
    private readonly IEpisodeSampler _sampler;
    private readonly SplitPart _part;

    internal EvaluationEpisodes(IEpisodeSampler sampler, SplitPart part, string name, ImmutableArray<int> trainingClasses, string? notice) =>
        (_sampler, _part, Name, TrainingClasses, Notice) = (sampler, part, name, trainingClasses, notice);

    /// <summary>What the classes are called: <c>test</c>, <c>validation</c>, <c>train</c> or <c>all</c>.</summary>
    public string Name { get; }

    /// <summary>The classes of the data here that the model was trained on, for baselines; perhaps none.</summary>
    public ImmutableArray<int> TrainingClasses { get; }

    /// <summary>What a reader of the figures must know about the data; null where it is the model's own.</summary>
    public string? Notice { get; }

    /// <summary>How many there are: as many as are wanted, or in a supervised evaluation slices of all examples.</summary>
    /// <param name="wanted">1 or more.</param>
    public int Count(int wanted) => _sampler.EpisodesOf(_part, wanted);

    /// <summary>One episode.</summary>
    /// <param name="index">From 0.</param>
    public Episode this[int index] => _sampler.Sample(_part, 0, index);

    /// <summary>Chooses the episodes.</summary>
    /// <param name="options">The model's, with the form of the episodes.</param>
    /// <param name="model">The data that the model was trained on; null when its file does not say.</param>
    /// <param name="catalog">The data that is here.</param>
    /// <param name="part"><c>test</c>, <c>validation</c>, <c>train</c> or <c>all</c>.</param>
    /// <exception cref="ConfigurationException">No such part or split.</exception>
    /// <exception cref="DataException">Other data does not have this part, or too few classes or examples are left.</exception>
    public static EvaluationEpisodes Of(RunOptions options, TrainingData? model, DatasetCatalog catalog, string part)
    {
        if (options.Supervised is not null)
        {
            return ExampleEvaluations.Of(options, model, catalog, part);
        }

        if (model is not null && model.Digest != catalog.Digest)
        {
            return OfOther(options, model, catalog, part);
        }

        string? older = model is null && options.DatasetDefinition.NeedsFolder ? "the model's file, of an older version, does not say which data it was trained on: the data here is taken for that" : null;
        var split = ClassSplitter.Split(catalog, options.Split, options.Seed);
        if (part == EvaluationParts.All)
        {
            return new EvaluationEpisodes(
                EpisodeSampler.ForEvaluation(options, catalog, [.. (Selects(options) ? split.Test : split.Test.AddRange(split.Validation)).Order()]), SplitPart.Test, part, split.Train, older);
        }

        SplitPart named = EvaluationParts.Read(part);
        return new EvaluationEpisodes(EpisodeSampler.ForEvaluation(options, catalog, split, named), named, part, split.Train, older);
    }

    // Without measurements in training, the validation classes have had no part in the model.
    private static bool Selects(RunOptions options) => options.ValidationInterval > 0;

    private static EvaluationEpisodes OfOther(RunOptions options, TrainingData model, DatasetCatalog catalog, string part)
    {
        string unit = catalog.IsRegression ? "tasks" : "classes";
        string differs = $"the model was trained on {catalog.Name} {Digests.Abbreviate(model.Digest)}, the data here is {Digests.Abbreviate(catalog.Digest)}";
        if (part != EvaluationParts.All && EvaluationParts.Read(part) != SplitPart.Test)
        {
            throw new DataException($"{differs}, so it has no {part} {unit} of the model: give the model's own data, or --part {EvaluationParts.All} for the {unit} that it was never trained on");
        }

        if (model.Train.IsEmpty)
        {
            throw new DataException($"{differs}, which draws its {unit} in another way: evaluate with the version of MetaMap that trained the model");
        }

        model.RequireInputs(catalog);
        ImmutableArray<int> unseen = model.UnseenOf(catalog, Selects(options));
        int seen = catalog.Classes.Length - unseen.Length;
        string left = seen == 0 ? $"none of its {catalog.Classes.Length} {unit} has the name of one that was trained on or chose the model's version"
            : $"{unseen.Length} of its {catalog.Classes.Length} {unit} are evaluated, {seen} were trained on or chose the model's version and are left out";
        if (unseen.Length < options.EpisodeShape.Ways)
        {
            throw new DataException($"{differs}: {left}, {options.EpisodeShape.Ways} ways need at least {options.EpisodeShape.Ways}: add {unit}");
        }

        HashSet<string> trained = new(model.Train, StringComparer.Ordinal);
        return new EvaluationEpisodes(
            EpisodeSampler.ForEvaluation(options, catalog, unseen), SplitPart.Test, part,
            [.. Enumerable.Range(0, catalog.Classes.Length).Where(index => trained.Contains(catalog.Classes[index].Name))], $"{differs}: {left}");
    }
}
