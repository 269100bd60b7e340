using System.Collections.Immutable;
using MetaMap.Core.Configuration;

namespace MetaMap.Core.Algorithms;

/// <summary>The meta-algorithms that a run can be configured with.</summary>
public static class AlgorithmCatalog
{
    /// <summary>All algorithms by name; plug-ins add theirs at start-up.</summary>
    public static Registry<IAlgorithmDefinition> All { get; } = new(
        "algorithm",
        MamlFamilyDefinition.Maml,
        MamlFamilyDefinition.Fomaml,
        MamlFamilyDefinition.Anil,
        MamlFamilyDefinition.Boil,
        MamlFamilyDefinition.MetaSgd,
        new MamlPlusPlusDefinition(),
        new ReptileDefinition(),
        new ImamlDefinition(),
        new CaviaDefinition(),
        new FeatureOffsetDefinition(),
        new ProtonetDefinition(),
        new PretrainDefinition());

    /// <summary>The names of all algorithms.</summary>
    public static ImmutableArray<string> Names => All.Names;
}
