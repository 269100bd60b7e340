using MetaMap.Core.Parameters;
using MetaMap.Training.Aggregation;

namespace MetaMap.Training.Tests.Aggregation;

/// <summary>Blocks of given mean gradients.</summary>
internal static class Blocks
{
    public static ParameterLayout Layout(int length) => new([new ParameterEntry("w", [length])]);

    /// <summary>Blocks of one episode each.</summary>
    public static WeighedBlock[] Of(params float[][] gradients) => [.. gradients.Select(gradient => Of(gradient, 1))];

    public static WeighedBlock Of(float[] gradientSum, int episodes, float scale = 1) =>
        new(new ParameterVector(Layout(gradientSum.Length), gradientSum), episodes, scale, new BlockNorms([(0, gradientSum.Length)]));

    /// <summary>One coordinate of several blocks.</summary>
    public static float Column(this IBlockAggregation aggregation, params float[] values) =>
        aggregation.Aggregate(Of([.. values.Select(value => new[] { value })]))[0];
}
