using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;

namespace MetaMap.Training.Configuration;

/// <summary>
/// What every node must know about a meta-algorithm: its options with the paper's defaults, and what it meta-learns. Nodes
/// with a tensor library also find the computation on the same object.
/// </summary>
public interface IAlgorithmDefinition : IPart
{
    /// <summary>One line of help: the method and its paper.</summary>
    string Summary { get; }

    /// <summary>Its <see cref="IPart.Advice"/> for a kind of data.</summary>
    /// <param name="dataset">The run's.</param>
    IReadOnlyDictionary<string, object> AdviceOn(IDatasetDefinition dataset) => Advice;

    /// <summary>All meta-parameters in layout order: the network's, then what the algorithm learns beside them.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="shape">The shape of the data.</param>
    /// <exception cref="ConfigurationException">The algorithm cannot drive this model or cannot learn from this data.</exception>
    ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape);

    /// <summary>Whether its meta-gradients can be computed layer by layer, with these options, on networks whose layers are known.</summary>
    /// <param name="options">The run's.</param>
    bool IsLayered(RunOptions options) => false;

    /// <summary>Keys of options of every run, and of datasets, that mean nothing to it: they are refused when they are given, and not written.</summary>
    ImmutableArray<string> Unread => [];
}

/// <summary>Options of an algorithm that trains on minibatches of all training examples, instead of few-shot episodes (supervised training).</summary>
public interface ITrainsOnExamples
{
    /// <summary>How often each training example is trained on, 1 or more.</summary>
    int Epochs { get; }

    /// <summary>Examples of a minibatch, 1 or more; the last one of an epoch may have fewer.</summary>
    int BatchSize { get; }

    /// <summary>Most examples of a minibatch that are computed together, 1 or more.</summary>
    int Slice { get; }

    /// <summary>Examples of a slice of an evaluation; the last one may have fewer.</summary>
    const int EvaluationSlice = 100;

    /// <summary>The numbers of examples that are computed together, in training and evaluation.</summary>
    /// <param name="split">The examples.</param>
    int[] SliceSizes(ExampleSplit split) =>
    [
        .. new[] { BatchSize, split.Train.Length % BatchSize }.SelectMany(batch => Cut(batch, Slice))
            .Concat(Enum.GetValues<SplitPart>().SelectMany(part => Cut(split[part].Length, EvaluationSlice)))
            .Concat(Cut(split.Train.Length + split.Validation.Length + split.Test.Length, EvaluationSlice)).Distinct().Order(),
    ];

    /// <summary>Minibatches of an epoch.</summary>
    /// <param name="examples">Training examples, 1 or more.</param>
    int IterationsOfEpoch(int examples) => (examples + BatchSize - 1) / BatchSize;

    private static IEnumerable<int> Cut(int examples, int slice) => new[] { Math.Min(examples, slice), examples % slice }.Where(size => size > 0);
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
