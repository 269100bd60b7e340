using System.Numerics.Tensors;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Baselines;

/// <summary>A query has the label whose support examples have the nearest mean, by Euclidean distance.</summary>
/// <param name="featuresOf">Features of one input.</param>
internal sealed class NearestCentroid(Func<float[], float[]> featuresOf) : IBaseline
{
    /// <inheritdoc />
    public double Measure(Episode episode, EpisodeExamples examples)
    {
        float[][] centroids = new float[episode.Classes.Length][];
        float[][] support = Features(examples.Support, examples.Input.Length);
        for (int label = 0; label < centroids.Length; label++)
        {
            float[][] own = [.. support.Where((_, i) => examples.Support.Labels[i] == label)];
            float[] mean = new float[own[0].Length];
            Array.ForEach(own, features => TensorPrimitives.Add(mean, features, mean));
            TensorPrimitives.Divide(mean, own.Length, mean);
            centroids[label] = mean;
        }

        return Features(examples.Query, examples.Input.Length)
            .Select((query, i) => Nearest(centroids, query) == examples.Query.Labels[i] ? 1.0 : 0.0).Average();
    }

    private static int Nearest(float[][] centroids, float[] query)
    {
        float[] distances = [.. centroids.Select(centroid => TensorPrimitives.Distance<float>(centroid, query))];
        return TensorPrimitives.IndexOfMin(distances);
    }

    private float[][] Features(ExampleSet set, int length) => [.. set.Inputs.Chunk(length).Select(featuresOf)];
}
