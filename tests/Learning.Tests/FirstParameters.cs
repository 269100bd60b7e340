using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Training.Configuration;

namespace MetaMap.Learning.Tests;

/// <summary>The first meta-parameters of a run.</summary>
internal static class FirstParameters
{
    public static ParameterVector Of(RunOptions options, IEpisodeDataset dataset, long seed) => Schema(options, dataset).Initialize(seed);

    public static ParameterSchema Schema(RunOptions options, IEpisodeDataset dataset) =>
        TaskShape.Of(options, dataset.Catalog).Schema(options);
}
