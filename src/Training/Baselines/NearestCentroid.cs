using System.Numerics.Tensors;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Baselines;

/// <summary>A query has the label whose support examples have the nearest mean, by Euclidean distance.</summary>
/// <param name="featuresOf">Features of one input.</param>
/// <param name="fixedCentroids">By label, of training examples where there is no support set; null: those of the support set.</param>
internal sealed class NearestCentroid(Func<float[], float[]> featuresOf, float[][]? fixedCentroids = null) : IBaseline
{
    /// <summary>Finds the means of the training examples of each class.</summary>
    public static NearestCentroid Fit(TrainingSet training, Func<float[], float[]> featuresOf)
    {
        float[][] means = new float[training.Dataset.Catalog.Classes.Length][];
        int[] counts = new int[means.Length];
        foreach (TrainingRow row in training.Rows())
        {
            float[] features = featuresOf(row.Input);
            means[row.Class] ??= new float[features.Length];
            TensorPrimitives.Add(means[row.Class], features, means[row.Class]);
            counts[row.Class]++;
        }

        // A class that is in the test part alone is never the nearest.
        int length = means.First(mean => mean is not null).Length;
        return new NearestCentroid(featuresOf, [.. means.Select((mean, index) => mean is null
            ? Enumerable.Repeat(float.PositiveInfinity, length).ToArray() : [.. mean.Select(sum => sum / counts[index])])]);
    }

    /// <inheritdoc />
    public double Measure(Episode episode, EpisodeExamples examples)
    {
        float[][] centroids = fixedCentroids ?? OfSupport(episode, examples);
        return Features(examples.Query, examples.Input.Length)
            .Select((query, i) => Nearest(centroids, query) == examples.Query.Labels[i] ? 1.0 : 0.0).Average();
    }

    private float[][] OfSupport(Episode episode, EpisodeExamples examples)
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

        return centroids;
    }

    private static int Nearest(float[][] centroids, float[] query)
    {
        float[] distances = [.. centroids.Select(centroid => TensorPrimitives.Distance<float>(centroid, query))];
        return TensorPrimitives.IndexOfMin(distances);
    }

    private float[][] Features(ExampleSet set, int length) => [.. set.Inputs.Chunk(length).Select(featuresOf)];
}
