using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Models;

namespace MetaMap.Learning.Plugins;

/// <summary>
/// The computations of a plug-in's models and algorithms; named by <c>[assembly: MetaMapComputations(typeof(...))]</c>.
/// Needs a public constructor without parameters.
/// </summary>
public interface IPluginComputations
{
    /// <summary>
    /// Adds each computation by <see cref="ModelFactory.Add"/> and <see cref="MetaAlgorithmFactory.Add"/>, under the name of
    /// its definition. Called once, at start-up, before libtorch is loaded.
    /// </summary>
    void Add();
}
