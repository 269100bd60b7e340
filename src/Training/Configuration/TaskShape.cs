using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Data;

namespace MetaMap.Training.Configuration;

/// <summary>What the meta-parameters depend on in the data; stored in every model file.</summary>
/// <param name="Input">Shape of every input.</param>
/// <param name="TargetLength">Values to predict per example; 0 for classification.</param>
/// <param name="TrainingClasses">Classes that training draws from; a class with its quarter turns counts as four.</param>
public readonly record struct TaskShape(InputShape Input, int TargetLength, int TrainingClasses)
{
    /// <summary>The shape of a run's data.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="catalog">The dataset.</param>
    /// <exception cref="ConfigurationException">No such split.</exception>
    /// <exception cref="DataException">The official split is asked for, but a part of the dataset is missing.</exception>
    public static TaskShape Of(RunOptions options, DatasetCatalog catalog) => new(
        catalog.Input, catalog.TargetLength,
        options.TrainingClasses(catalog).Length * (catalog.RotatesClasses && options.Supervised is null ? 4 : 1));

    /// <summary>The parameters of the run's network for one episode, in layout order.</summary>
    /// <param name="options">The run's.</param>
    public ImmutableArray<ParameterDefinition> Network(RunOptions options) =>
        options.ModelSpec(Input, Outputs(options)).Parameters();

    /// <summary>All meta-parameters of a run with their first values.</summary>
    /// <param name="options">The run's.</param>
    /// <exception cref="ConfigurationException">The algorithm cannot drive the model, the model cannot read the data, or the sizes are too large.</exception>
    public ParameterSchema Schema(RunOptions options)
    {
        try
        {
            ImmutableArray<ParameterDefinition> parameters = options.AlgorithmDefinition.Parameters(options, this);
            return parameters.Length > 0
                ? new ParameterSchema(parameters)
                : throw new ConfigurationException(
                    $"Algorithm {options.Algorithm} trains a feature map, but model {options.Model} is a head alone; give it a hidden layer or use maml.");
        }
        catch (OverflowException error)
        {
            throw options.ModelSpec(Input, Outputs(options)).TooLarge(error);
        }
    }

    /// <summary>Outputs of a network for one episode: its ways (all classes in a supervised run), or the values to predict.</summary>
    public int Outputs(RunOptions options) => TargetLength > 0 ? TargetLength : options.Supervised is null ? options.EpisodeShape.Ways : TrainingClasses;
}
