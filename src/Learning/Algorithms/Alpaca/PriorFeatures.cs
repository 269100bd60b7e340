using MathNet.Numerics.LinearAlgebra;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Training.Baselines;
using MetaMap.Training.Configuration;
using MetaMap.Training.MixedModels;

namespace MetaMap.Learning.Algorithms;

/// <summary>The features phi of a linear map whose prior is learned: the constant 1, values that are linear in the inputs or in their embedding, and those of hidden layers.</summary>
/// <param name="Linear">Values that are linear in the inputs or in their embedding; 0 for networks that offer none.</param>
/// <param name="Hidden">Features of hidden layers.</param>
/// <param name="Embedding">Length of an item's embedding, where the inputs are items; 0 otherwise.</param>
internal sealed record PriorFeatures(int Linear, int Hidden, int Embedding)
{
    // Over the deviation of the noise: what hidden layers say at first must not disturb what the statistics know.
    private const double HiddenDeviation = 0.03;
    private const double SlopeDeviation = 0.1;
    private const double RestDeviation = 0.1;
    // Of what users like, besides the bias of an item; more is seldom found from a few ratings, and takes its square in time.
    private const int MostFactors = 7;
    // Below it, a coefficient would hardly learn to differ from task to task.
    private const double LeastVariance = 1e-6;

    /// <summary>All features.</summary>
    public int Count => 1 + Linear + Hidden;

    /// <summary>The features of a run.</summary>
    public static PriorFeatures Of(RunOptions options, TaskShape shape)
    {
        ModelSpec spec = options.ModelSpec(shape.Input, shape.Outputs(options));
        ParameterDefinition[] network = [.. spec.Parameters()];
        int features = network.First(definition => definition.Role == ParameterRole.Head && definition.Entry.Shape.Length == 2).Entry.Shape[1];
        int skip = spec.Definition.SkipLength(spec);
        ParameterDefinition[] body = [.. network.Where(definition => definition.Role != ParameterRole.Head)];
        bool isItem = body is [{ Entry.Name: "embedding.weight" }, ..] && shape.Input is { Kind: InputKind.Tokens, Length: 1 };
        bool isLinear = body.Length == (isItem ? 1 : 0);
        return isLinear ? new PriorFeatures(features, 0, isItem ? features : 0) : new PriorFeatures(skip, features, isItem ? skip : 0);
    }

    /// <summary>Where the statistics of training tasks are: random coefficients of the inputs, or biases and factors of items.</summary>
    public IReadOnlyDictionary<string, float[]> FirstValues(TrainingSet training) => Embedding > 0 && training.Dataset.Catalog.TargetLength == 1
        ? OfItems(training, ItemFactors.Fit(training, Math.Min(Embedding - 1, MostFactors))) : OfInputs(RandomCoefficients.Fit(training, Linear), []);

    private Dictionary<string, float[]> OfItems(TrainingSet training, ItemFactors factors)
    {
        int known = factors.Items[0].Length;
        Matrix<double> means = Matrix<double>.Build.Dense(1, 1 + Embedding);
        (means[0, 0], means[0, 1]) = (factors.Mean, 1);
        var variances = Vector<double>.Build.Dense(1 + Embedding, i => i <= known ? 1 / factors.Noise : HiddenDeviation * HiddenDeviation);
        (variances[0], variances[1]) = (factors.UserVariance / factors.Noise, SlopeDeviation * SlopeDeviation);
        // The rest of an embedding is drawn, as that of a network.
        var random = DeterministicRandom.For("item-embedding", training.Options.Seed);
        float[] embedding = Rows(factors.Items.Count, Embedding, (item, place) => place < known ? factors.Items[item][place] : RestDeviation * random.NextGaussian());
        return OfInputs(new RandomCoefficients(means, variances), new() { ["embedding.weight"] = embedding });
    }

    private Dictionary<string, float[]> OfInputs(RandomCoefficients start, Dictionary<string, float[]> values)
    {
        int known = start.Variances.Count;
        values["prior.mean"] = Rows(start.Means.RowCount, Count, (row, column) => column < known ? start.Means[row, column] : 0);
        values["prior.deviation"] = Rows(1, Count, (_, column) => column < known ? Math.Sqrt(start.Variances[column] + LeastVariance) : HiddenDeviation);
        return values;
    }

    private static float[] Rows(int rows, int columns, Func<int, int, double> value) =>
        [.. Enumerable.Range(0, rows * columns).Select(place => (float)value(place / columns, place % columns))];
}
