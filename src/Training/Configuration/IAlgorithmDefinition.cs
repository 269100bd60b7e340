using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;

namespace MetaMap.Training.Configuration;

/// <summary>
/// What every node must know about a meta-algorithm: its options with the paper's defaults, and what it meta-learns. Nodes
/// with a tensor library also find the computation on the same object.
/// </summary>
public interface IAlgorithmDefinition : IPart
{
    /// <summary>One line of help: the method and its paper.</summary>
    string Summary { get; }

    /// <summary>All meta-parameters in layout order: the network's, then what the algorithm learns beside them.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="shape">The shape of the data.</param>
    /// <exception cref="ConfigurationException">The algorithm cannot drive this model or cannot learn from this data.</exception>
    ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape);

    /// <summary>Whether its meta-gradients can be computed layer by layer, with these options, on networks whose layers are known.</summary>
    /// <param name="options">The run's.</param>
    bool IsLayered(RunOptions options) => false;
}

/// <summary>Options of an algorithm that takes inner steps in evaluation.</summary>
public interface IAdaptsInEvaluation
{
    /// <summary>Most inner steps in evaluation: a lane looks between two episodes only whether it is still wanted.</summary>
    const int MostInnerSteps = 10_000;

    /// <summary>Inner steps in evaluation, 0 to <see cref="MostInnerSteps"/>.</summary>
    int EvalInnerSteps { get; }
}

/// <summary>Options of an algorithm that can train with other ways than it is measured with, because nothing that it learns belongs to one of the ways.</summary>
public interface IHasTrainingWays
{
    /// <summary>Classes of a training episode, or as many as there are if there are fewer; null for those of every episode.</summary>
    int? TrainingWays { get; }
}
