using System.Collections.Immutable;

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
