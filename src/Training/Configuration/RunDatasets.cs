using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data;

namespace MetaMap.Training.Configuration;

/// <summary>What a run's options say about its data.</summary>
public static class RunDatasets
{
    /// <summary>
    /// Opens the dataset, without classes that are too small for the run's episodes, with inputs by the names that the training classes hold, and with numbers in
    /// their units where they have units of their own; contents may be decoded or drawn later, when they are first asked for.
    /// </summary>
    /// <param name="options">The run's.</param>
    /// <param name="data">The folder or file that holds it; not used by datasets that need none.</param>
    /// <param name="model">The data that a model was trained on, for its names and units; null for those of the training classes.</param>
    /// <exception cref="ConfigurationException">No folder given for a dataset that needs one, or options that do not go together.</exception>
    /// <exception cref="DataException">The files are missing or cannot be used, or no class is large enough.</exception>
    public static IEpisodeDataset OpenDataset(this RunOptions options, string? data, TrainingData? model = null) => options.DatasetDefinition.NeedsFolder && string.IsNullOrWhiteSpace(data)
        ? throw new ConfigurationException($"Dataset {options.Dataset} is {options.DatasetDefinition.Summary}, and no place was given: pass --data with its folder or file, on a cluster to the coordinator and to each worker.")
        : NormalizedPixels.Of(
            AsKnown(options, UsableClasses.Of(options.DatasetDefinition.Open(options.Of<DatasetOptions>(), options.EpisodeShape, data), options.EpisodeShape), model), options.Of<DatasetOptions>());

    /// <summary>Reads somebody's own examples for a model of such a run.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="input">Shape of the model's inputs.</param>
    /// <param name="model">The data that the model was trained on, for its names and units.</param>
    /// <exception cref="ConfigurationException">Nobody has examples of this kind of data.</exception>
    /// <exception cref="DataException">The model's file does not name its inputs.</exception>
    public static IExampleReader ExampleReader(this RunOptions options, InputShape input, TrainingData? model = null) =>
        options.DatasetDefinition.ExampleReader(options.Of<DatasetOptions>(), new ModelInputs(input, model?.Inputs, model?.Scales)) is { } reader
        ? NormalizedPixels.Of(reader, options.Of<DatasetOptions>())
        : throw new ConfigurationException($"The model was trained on {options.Dataset}, which nobody has examples of their own for; train on images, texts, ratings or a table.");

    /// <summary>The classes that are trained on; all of them in a supervised run, which splits examples instead.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="catalog">The run's dataset.</param>
    /// <exception cref="ConfigurationException">No such split.</exception>
    public static ImmutableArray<int> TrainingClasses(this RunOptions options, DatasetCatalog catalog) =>
        options.Supervised is null ? ClassSplitter.Split(catalog, options.Split, options.Seed).Train : [.. Enumerable.Range(0, catalog.Classes.Length)];

    /// <summary>The examples that are trained on, class by class.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="catalog">The run's dataset.</param>
    /// <exception cref="ConfigurationException">No such split.</exception>
    /// <exception cref="DataException">A supervised run has too few.</exception>
    public static IEnumerable<ExampleIndex> TrainingExamples(this RunOptions options, DatasetCatalog catalog) => options.Supervised is not null ? options.SplitExamples(catalog).Train
        : options.TrainingClasses(catalog).SelectMany(index => Enumerable.Range(0, catalog.Classes[index].ExampleCount).Select(example => new ExampleIndex(index, example)));

    /// <summary>The examples of a supervised run.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="catalog">The run's dataset.</param>
    /// <exception cref="DataException">There are too few.</exception>
    public static ExampleSplit SplitExamples(this RunOptions options, DatasetCatalog catalog) => ExampleSplit.Of(catalog, options.Seed, options.ValidationInterval > 0);

    private static IEpisodeDataset AsKnown(RunOptions options, IEpisodeDataset dataset, TrainingData? model) => ScaledValues.Of(
        NamedInputs.Of(dataset, model?.Inputs, () => options.TrainingClasses(dataset.Catalog)), model?.Scales, () => options.TrainingExamples(dataset.Catalog));
}
