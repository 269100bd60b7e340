using MetaMap.Core.Algorithms;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Parameters;

namespace MetaMap.Learning.Tests;

/// <summary>The first meta-parameters of a run.</summary>
internal static class FirstParameters
{
    public static ParameterVector Of(RunOptions options, IEpisodeDataset dataset, long seed) => Schema(options, dataset).Initialize(seed);

    public static ParameterSchema Schema(RunOptions options, IEpisodeDataset dataset)
    {
        RunOptions resolved = options.Resolve();
        return ParameterSchema.For(resolved, TaskShape.Of(resolved, dataset.Catalog));
    }
}
