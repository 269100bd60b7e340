using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Data;

namespace MetaMap.Training.Configuration;

/// <summary>A network for given inputs and outputs. Its parameters are known without any tensor library.</summary>
/// <param name="Definition">The network.</param>
/// <param name="Input">Shape of one input.</param>
/// <param name="Outputs">Outputs of the head: classes to tell apart or values to predict.</param>
/// <param name="Options">The network's options, of the type of the definition's.</param>
public sealed record ModelSpec(IModelDefinition Definition, InputShape Input, int Outputs, object Options)
{
    /// <summary>The network's name.</summary>
    public string Name => Definition.Name;

    /// <summary>The network's parameters.</summary>
    /// <exception cref="ConfigurationException">The input or the sizes do not fit the network.</exception>
    public ImmutableArray<ParameterDefinition> Parameters()
    {
        try
        {
            return Definition.Parameters(this);
        }
        catch (OverflowException error)
        {
            throw TooLarge(error);
        }
    }

    /// <summary>The network's parameters with their first values.</summary>
    /// <exception cref="ConfigurationException">The input or the sizes do not fit the network.</exception>
    public ParameterSchema Schema()
    {
        ImmutableArray<ParameterDefinition> parameters = Parameters();
        try
        {
            return new ParameterSchema(parameters);
        }
        catch (OverflowException error)
        {
            throw TooLarge(error);
        }
    }

    /// <summary>Checks that the network reads the kind of input that it is given.</summary>
    /// <exception cref="ConfigurationException">It does not.</exception>
    public void RequireInput(InputKind kind, string advice)
    {
        if (Input.Kind != kind)
        {
            throw new ConfigurationException(
                $"Model {Name} reads {(kind == InputKind.Image ? "images" : kind == InputKind.Vector ? "vectors" : "tokens")}, but the inputs are {Input}; {advice}.");
        }
    }

    internal ConfigurationException TooLarge(OverflowException error)
    {
        string[] sizes = [.. Definition.Sizes(this), $"{Outputs} {(Outputs == 1 ? "output" : "ways")}"];
        return new($"Model {Name} with {string.Join(" and ", sizes)} has more parameters than a vector can hold; use smaller sizes.", error);
    }
}
