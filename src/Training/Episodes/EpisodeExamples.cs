using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Data.Augmentation;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Episodes;

/// <summary>
/// The content of an episode, in managed memory. Class-major order: all examples of label 0, then of label 1 and so on. The
/// caller owns the arrays.
/// </summary>
/// <param name="Input">Shape of one input.</param>
/// <param name="TargetLength">Values to predict per example; 0 for classification.</param>
/// <param name="Support">The support set, which is adapted to.</param>
/// <param name="Query">The query set, which is measured.</param>
public sealed record EpisodeExamples(InputShape Input, int TargetLength, ExampleSet Support, ExampleSet Query)
{
    /// <summary>Reads an episode's content.</summary>
    /// <param name="dataset">The dataset whose catalog the episode was drawn from.</param>
    /// <param name="episode">The episode.</param>
    /// <exception cref="DataException">The dataset cannot be read.</exception>
    public static EpisodeExamples Load(IEpisodeDataset dataset, Episode episode) => new(
        dataset.Catalog.Input, dataset.Catalog.TargetLength,
        Load(dataset, episode, c => c.SupportExamples), Load(dataset, episode, c => c.QueryExamples));

    /// <summary>Reads the content of a training episode, changed at random where the run's options ask for it: a function of (seed, iteration, episode, example).</summary>
    /// <param name="dataset">The run's.</param>
    /// <param name="episode">The episode.</param>
    /// <param name="options">The run's.</param>
    /// <param name="iteration">The meta-iteration that trains on it, from 1.</param>
    /// <exception cref="DataException">The dataset cannot be read.</exception>
    public static EpisodeExamples LoadForTraining(IEpisodeDataset dataset, Episode episode, RunOptions options, int iteration)
    {
        EpisodeExamples examples = Load(dataset, episode);
        if (ImageAugmentation.Of(options.Of<DatasetOptions>(), examples.Input) is { } augmentation)
        {
            int length = examples.Input.Length;
            int support = examples.Support.Inputs.Length / length;
            int all = support + (examples.Query.Inputs.Length / length);
            for (int i = 0; i < all; i++)
            {
                Span<float> image = i < support ? examples.Support.Inputs.AsSpan(i * length, length) : examples.Query.Inputs.AsSpan((i - support) * length, length);
                augmentation.Apply(image, DeterministicRandom.For("augmentation", options.Seed, iteration, episode.Index, i));
            }
        }

        return examples;
    }

    private static ExampleSet Load(IEpisodeDataset dataset, Episode episode, Func<EpisodeClass, ImmutableArray<int>> set)
    {
        int inputLength = dataset.Catalog.Input.Length;
        int targetLength = dataset.Catalog.TargetLength;
        int count = episode.Classes.Sum(c => set(c).Length);
        float[] inputs = new float[count * inputLength];
        long[] labels = new long[targetLength > 0 ? 0 : count];
        float[] values = new float[count * targetLength];
        int i = 0;
        for (int label = 0; label < episode.Classes.Length; label++)
        {
            EpisodeClass c = episode.Classes[label];
            foreach (int example in set(c))
            {
                dataset.CopyInput(c.ClassIndex, example, c.QuarterTurns, inputs.AsSpan(i * inputLength, inputLength));
                if (targetLength > 0)
                {
                    ((IRegressionDataset)dataset).CopyTarget(c.ClassIndex, example, values.AsSpan(i * targetLength, targetLength));
                }
                else
                {
                    labels[i] = label;
                }

                i++;
            }
        }

        return new ExampleSet(inputs, labels, values);
    }
}

/// <summary>Inputs with their targets: labels for classification, values for regression.</summary>
/// <param name="Inputs">One input after the other; images with values 0 to 1, ink 1.</param>
/// <param name="Labels">One label per input, 0 to way-1; empty for regression.</param>
/// <param name="Values">The values to predict, one example after the other; empty for classification.</param>
public sealed record ExampleSet(float[] Inputs, long[] Labels, float[] Values)
{
    /// <summary>Equal when every value and label is equal.</summary>
    public bool Equals(ExampleSet? other) =>
        other is not null && Inputs.AsSpan().SequenceEqual(other.Inputs) && Labels.AsSpan().SequenceEqual(other.Labels)
        && Values.AsSpan().SequenceEqual(other.Values);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Inputs.Length, Labels.Length, Values.Length);
}
