using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Training.Configuration;

namespace MetaMap.Learning.Algorithms;

/// <summary>A meta-algorithm: what every node must know about it, and its computation.</summary>
public interface IAlgorithm : IAlgorithmDefinition
{
    /// <summary>The computation for a run.</summary>
    /// <param name="options">The run's; they name this algorithm.</param>
    /// <param name="catalog">The run's dataset.</param>
    IMetaAlgorithm Create(RunOptions options, DatasetCatalog catalog);
}

/// <summary>Finds the computation of a run's algorithm.</summary>
internal static class AlgorithmOfRun
{
    /// <summary>The computation of the algorithm that a run names.</summary>
    /// <exception cref="ConfigurationException">The algorithm comes from a plug-in and has no computation.</exception>
    public static IMetaAlgorithm CreateAlgorithm(this RunOptions options, DatasetCatalog catalog) => options.AlgorithmDefinition is IAlgorithm algorithm
        ? algorithm.Create(options, catalog)
        : throw new ConfigurationException($"Algorithm {options.Algorithm} has no computation; make its definition an {nameof(IAlgorithm)} in its plug-in.");
}
