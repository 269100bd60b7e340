using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Algorithms;

/// <summary>
/// What the coordinator must know of a meta-algorithm: its options with the paper's defaults, and what it meta-learns.
/// The computation stands in the library of the workers, under the same name.
/// </summary>
public interface IAlgorithmDefinition : IOptionReader
{
    /// <summary>One line for people: the method and its paper.</summary>
    string Summary { get; }

    /// <summary>Parts of the algorithm that the options choose and that read options of their own; none for most.</summary>
    /// <param name="options">Not yet resolved.</param>
    /// <exception cref="ConfigurationException">A part of an unknown name.</exception>
    ImmutableArray<IOptionReader> ChosenParts(RunOptions options) => [];

    /// <summary>All meta-parameters in layout order: the network's, then what the algorithm learns beside them.</summary>
    /// <param name="options">Resolved.</param>
    /// <param name="shape">What the data is like.</param>
    /// <exception cref="ConfigurationException">The algorithm cannot drive this model or cannot learn from this data.</exception>
    ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape);
}
