using System.Collections.Immutable;
using MetaMap.Core.Algorithms;
using MetaMap.Core.Configuration;
using MetaMap.Core.Episodes;
using MetaMap.Core.Models;

namespace MetaMap.Core.Parameters;

/// <summary>All meta-parameters of a run with their purpose and first values: what the network and the algorithm learn together.</summary>
public sealed class ParameterSchema
{
    /// <summary>Creates a schema.</summary>
    /// <param name="definitions">The meta-parameters, in layout order: the network's first.</param>
    public ParameterSchema(ImmutableArray<ParameterDefinition> definitions)
    {
        Definitions = definitions;
        Layout = new ParameterLayout([.. definitions.Select(definition => definition.Entry)]);
    }

    /// <summary>The meta-parameters, in layout order.</summary>
    public ImmutableArray<ParameterDefinition> Definitions { get; }

    /// <summary>Names and shapes.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>The schema of a run.</summary>
    /// <param name="options">Resolved.</param>
    /// <param name="shape">What the data is like.</param>
    /// <exception cref="ConfigurationException">The algorithm cannot drive the model, the model cannot read the data, or the sizes are too large.</exception>
    public static ParameterSchema For(RunOptions options, TaskShape shape)
    {
        try
        {
            ImmutableArray<ParameterDefinition> parameters = AlgorithmCatalog.All[options.Algorithm].Parameters(options, shape);
            return parameters.Length > 0
                ? new ParameterSchema(parameters)
                : throw new ConfigurationException(
                    $"Algorithm {options.Algorithm} trains a feature map, but model {options.Model} is a head alone; give it a hidden layer or use maml.");
        }
        catch (OverflowException error)
        {
            throw ModelCatalog.TooLarge(options.ModelSpec(shape.Input, shape.Outputs(options)), error);
        }
    }

    /// <summary>The first values: a pure function of the schema and the seed.</summary>
    public ParameterVector Initialize(long seed)
    {
        float[] values = new float[Layout.Length];
        for (int i = 0; i < Definitions.Length; i++)
        {
            Definitions[i].Initializer(
                Layout.Entries[i], DeterministicRandom.For("initial-parameters", seed, i), values.AsSpan(Layout.Offsets[i], Layout.Entries[i].Length));
        }

        return new ParameterVector(Layout, values);
    }
}
