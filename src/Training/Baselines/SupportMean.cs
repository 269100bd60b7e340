using MetaMap.Training.Episodes;

namespace MetaMap.Training.Baselines;

/// <summary>Every query has the mean value of the support set.</summary>
internal sealed class SupportMean : IBaseline
{
    /// <inheritdoc />
    public double Measure(Episode episode, EpisodeExamples examples)
    {
        int length = examples.TargetLength;
        double[] means = [.. Enumerable.Range(0, length).Select(i => examples.Support.Values.Where((_, place) => place % length == i).Average(value => (double)value))];
        return SquaredError.Mean(examples.Query.Values, (place) => means[place % length]);
    }
}
