using MetaMap.Training.Configuration;

namespace MetaMap.Training.Baselines;

/// <summary>An algorithm or a network whose training begins where simple statistics of the training data already are, instead of at random values.</summary>
/// <remarks>Called once, where a run begins, on a node without a tensor library.</remarks>
public interface IStartsFromData : IStartsNearBaseline
{
    /// <summary>First values of meta-parameters, by name; those left out keep the ones drawn by the seed.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="training">The training classes.</param>
    /// <returns>As many values as the parameter has, all finite.</returns>
    IReadOnlyDictionary<string, float[]> FirstValues(RunOptions options, TrainingSet training);
}
