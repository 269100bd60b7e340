using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Models;

namespace MetaMap.Learning.Inner;

/// <summary>Which parameters the inner loop moves, by position in the layout.</summary>
internal static class AdaptingParameters
{
    /// <summary>All <paramref name="count"/> parameters.</summary>
    public static ImmutableArray<int> All(int count) => [.. Enumerable.Range(0, count)];

    /// <summary>The network's parameters that have a given role.</summary>
    public static ImmutableArray<int> Of(IModel model, ParameterRole role)
    {
        ImmutableArray<ParameterDefinition> definitions = model.Schema.Definitions;
        return [.. Enumerable.Range(0, definitions.Length).Where(i => definitions[i].Role == role)];
    }
}
