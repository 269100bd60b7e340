using System.Collections.Immutable;
using System.ComponentModel;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Kernels;
using MetaMap.Training.Baselines;
using MetaMap.Training.Configuration;

namespace MetaMap.Learning.Models;

/// <summary>
/// TF-IDF vectors of hashed character n-grams (Weinberger et al. 2009) whose weights are learned, beside an embedding of them (a sum over n-grams, as in fastText, Joulin et al.
/// 2017), which counts for little at first. So it begins at what the baseline of texts knows, the frequencies in the training texts, and learns which n-grams tell labels apart and which
/// mean the same.
/// </summary>
internal sealed class TextNGramsDefinition : INetwork, IStartsFromData
{
    // Of the embedding of a text, beside n-grams of length 1.
    private const double FirstLength = 0.3;

    private const string LogWeight = "ngrams.log-weight";

    /// <inheritdoc />
    public string Name => "text-ngrams";

    /// <inheritdoc />
    public string Summary => "learned TF-IDF of character n-grams beside an embedding of them, linear head; starts at the training texts' frequencies";

    /// <inheritdoc />
    public object Options { get; } = new TextNGramsOptions();

    /// <inheritdoc />
    /// <remarks>It learns in a few dozen iterations of few large episodes; chosen on validation labels of Banking77 (docs/RESULTS.md).</remarks>
    public IReadOnlyDictionary<string, object> Advice { get; } = new Dictionary<string, object>
    {
        ["text_tokens"] = "characters", ["distance"] = "cosine", ["training_ways"] = 20, ["meta_batch"] = 4, ["block"] = 2, ["iterations"] = 150,
    };

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec)
    {
        spec.RequireInput(InputKind.Tokens, "use mlp or a network for images");
        TextNGramsOptions sizes = Sizes(spec);
        return
        [
            new(LogWeight, Initializers.Zeros, ParameterRole.Body, sizes.Buckets),
            // A random projection keeps angles nearly (Johnson and Lindenstrauss 1984), so that it does no harm before it is learned.
            new("embedding.weight", Initializers.Normal(FirstLength / Math.Sqrt(sizes.EmbeddingSize)), ParameterRole.Body, sizes.Buckets, sizes.EmbeddingSize),
            new("head.weight", Initializers.Normal(0.01), ParameterRole.Head, spec.Outputs, checked(sizes.Buckets + sizes.EmbeddingSize)),
            new("head.bias", Initializers.Zeros, ParameterRole.Head, spec.Outputs),
        ];
    }

    /// <inheritdoc />
    /// <remarks>The logarithms of inverse document frequencies, smoothed by one.</remarks>
    public IReadOnlyDictionary<string, float[]> FirstValues(RunOptions options, TrainingSet training)
    {
        double[] occurrences = new double[options.Of<TextNGramsOptions>().Buckets];
        int texts = 0;
        foreach (TrainingRow row in training.Rows())
        {
            texts++;
            foreach (int bucket in NGrams.BucketsOf(row.Input, occurrences.Length).Distinct())
            {
                occurrences[bucket]++;
            }
        }

        return new Dictionary<string, float[]> { [LogWeight] = Array.ConvertAll(occurrences, count => (float)Math.Log(Math.Log((1.0 + texts) / (1 + count)) + 1)) };
    }

    /// <inheritdoc />
    public int ModulatedChannels(ModelSpec spec) => Sizes(spec).EmbeddingSize;

    /// <inheritdoc />
    public IModel Create(ModelSpec spec, Convolution convolution) => new TextNGramsModel(spec);

    /// <inheritdoc />
    IEnumerable<string> IModelDefinition.Sizes(ModelSpec spec) => [$"{Sizes(spec).Buckets} buckets", $"embeddings of length {Sizes(spec).EmbeddingSize}"];

    private static TextNGramsOptions Sizes(ModelSpec spec) => (TextNGramsOptions)spec.Options;
}

/// <summary>Options of <see cref="TextNGramsDefinition"/>.</summary>
internal sealed record TextNGramsOptions
{
    /// <summary>Buckets of the hash of n-grams.</summary>
    [Description("Buckets of the hash of n-grams; those that share one share its weight."), AtLeast(1), AtMost(1 << 24)]
    public int Buckets { get; init; } = 16_384;

    /// <summary>Length of the vector that stands for a text beside its n-grams.</summary>
    [Description("Length of the learned vector of a token, a text, an image or an item."), AtLeast(1)]
    public int EmbeddingSize { get; init; } = 128;
}
