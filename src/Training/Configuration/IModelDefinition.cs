using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;

namespace MetaMap.Training.Configuration;

/// <summary>
/// What every node must know about a network: its options and its parameters. Nodes with a tensor library also find the
/// computation on the same object.
/// </summary>
public interface IModelDefinition : IPart
{
    /// <summary>One line of help: the layers.</summary>
    string Summary { get; }

    /// <summary>The network's parameters, in order: the body's (role <see cref="ParameterRole.Body"/>), then the head's.</summary>
    /// <param name="spec">Input, outputs and options of this network.</param>
    /// <exception cref="ConfigurationException">The network cannot read this kind of input.</exception>
    /// <exception cref="OverflowException">The sizes are too large.</exception>
    ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec);

    /// <summary>Whether the network is a list of layers with known derivatives.</summary>
    bool IsLayered => false;

    /// <summary>Channels of the one hidden layer that the network offers for modulation (CAVIA).</summary>
    /// <param name="spec">Input, outputs and options of this network.</param>
    int ModulatedChannels(ModelSpec spec);

    /// <summary>Values that its hidden layers read, for heads that also look past them (a skip connection); 0 where there are no hidden layers, or where it offers none.</summary>
    /// <param name="spec">Input, outputs and options of this network.</param>
    int SkipLength(ModelSpec spec) => 0;

    /// <summary>What makes the network large, for error messages, e.g. <c>64 filters</c>.</summary>
    /// <param name="spec">Input, outputs and options of this network.</param>
    IEnumerable<string> Sizes(ModelSpec spec) => [];
}
