using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Models;

/// <summary>
/// What the coordinator must know of a network: its options and its parameters. The computation stands in the library
/// of the workers, under the same name.
/// </summary>
public interface IModelDefinition : IOptionReader
{
    /// <summary>One line for people: the layers.</summary>
    string Summary { get; }

    /// <summary>The network's parameters, in order: the body's (role <see cref="ParameterRole.Body"/>), then the head's.</summary>
    /// <param name="spec">Input, outputs and sizes.</param>
    /// <exception cref="ConfigurationException">The network cannot read such an input.</exception>
    /// <exception cref="OverflowException">The sizes are too large.</exception>
    ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec);

    /// <summary>Channels of the one hidden layer that the network offers for modulation (CAVIA).</summary>
    /// <param name="spec">Input, outputs and sizes.</param>
    int ModulatedChannels(ModelSpec spec);
}
