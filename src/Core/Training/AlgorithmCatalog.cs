using System.Collections.Immutable;

namespace MetaMap.Core.Training;

/// <summary>The meta-algorithms that a run can be configured with.</summary>
public static class AlgorithmCatalog
{
    /// <summary>MAML with its true second-order gradient (Finn et al. 2017).</summary>
    public const string Maml = "maml";

    /// <summary>First-order MAML (Finn et al. 2017, section 5.2).</summary>
    public const string Fomaml = "fomaml";

    /// <summary>All algorithm names.</summary>
    public static ImmutableArray<string> Names { get; } = [Maml, Fomaml];
}
