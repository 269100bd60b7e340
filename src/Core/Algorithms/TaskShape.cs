using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Models;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Algorithms;

/// <summary>What meta-parameters depend on of the data; stored in every model file.</summary>
/// <param name="Input">Shape of every input.</param>
/// <param name="TargetLength">Values to predict per example; 0 for classification.</param>
/// <param name="TrainingClasses">Classes that training draws from; a class and its quarter turns are four.</param>
public readonly record struct TaskShape(InputShape Input, int TargetLength, int TrainingClasses)
{
    /// <summary>The shape of a run's data.</summary>
    /// <param name="options">Resolved.</param>
    /// <param name="catalog">The dataset.</param>
    /// <exception cref="ConfigurationException">No such split.</exception>
    /// <exception cref="DataException">The official split of a dataset of which a part is missing.</exception>
    public static TaskShape Of(RunOptions options, DatasetCatalog catalog) => new(
        catalog.Input, catalog.TargetLength,
        ClassSplitter.Split(catalog, options.Split, options.Seed).Train.Length * (catalog.RotatesClasses ? 4 : 1));

    /// <summary>The parameters of the run's network for one episode, in layout order.</summary>
    /// <param name="options">Resolved.</param>
    public ImmutableArray<ParameterDefinition> Network(RunOptions options) =>
        ModelCatalog.Parameters(options.ModelSpec(Input, Outputs(options)));

    /// <summary>Outputs of a network for one episode: its ways, or the values to predict.</summary>
    public int Outputs(RunOptions options) => TargetLength > 0 ? TargetLength : options.EpisodeShape().Ways;
}
