using MetaMap.Core.Parameters;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace MetaMap.Learning.Models;

/// <summary>
/// Weighed counts of character n-grams as a vector of length one, beside a linear map of it. Without batch norm, so transductive and inductive predictions are the same.
/// </summary>
/// <param name="spec">Named <c>text-ngrams</c>.</param>
internal sealed class TextNGramsModel(ModelSpec spec) : IModel
{
    private readonly int _buckets = ((TextNGramsOptions)spec.Options).Buckets;

    /// <inheritdoc />
    public ParameterSchema Schema { get; } = spec.Schema();

    /// <inheritdoc />
    public bool TakesTasks => true;

    /// <inheritdoc />
    public torch.Tensor Features(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs, ForwardPass pass)
    {
        torch.Tensor logWeight = parameters[0];
        (torch.Tensor counts, torch.Tensor columns) = Counts(inputs, logWeight);                                    // [texts, columns], [columns]
        torch.Tensor weighed = counts.mul(logWeight.index_select(-1, columns).exp().unsqueeze(-2)).OfLengthOne();
        torch.Tensor embedded = pass.Modulate(weighed.matmul(parameters[1].index_select(-2, columns)));             // [texts, size]
        torch.Tensor all = torch.zeros([.. inputs.shape[..^1], _buckets], dtype: logWeight.dtype, device: inputs.device);
        return torch.cat([all.index_copy(-1, columns, weighed), embedded], -1);                                     // [texts, buckets + size]
    }

    /// <inheritdoc />
    public torch.Tensor Head(IReadOnlyList<torch.Tensor> parameters, torch.Tensor features) => Linear.Of(features, parameters[2], parameters[3]);

    /// <summary>1 + ln of how often the n-grams of a bucket occur in a text, or 0, and the buckets that occur at all.</summary>
    private (torch.Tensor Counts, torch.Tensor Columns) Counts(torch.Tensor inputs, torch.Tensor like)
    {
        long length = inputs.shape[^1];
        float[] tokens = inputs.detach().to(torch.float32).cpu().contiguous().data<float>().ToArray();
        int[][] texts = [.. Enumerable.Range(0, (int)(inputs.numel() / length)).Select(i => NGrams.BucketsOf(tokens.AsMemory((int)(i * length), (int)length), _buckets).ToArray())];
        int[] columns = [.. texts.SelectMany(buckets => buckets).Distinct().Order()];
        Dictionary<int, int> places = columns.Index().ToDictionary(column => column.Item, column => column.Index);
        double[] counts = new double[texts.Length * columns.Length];
        for (int i = 0; i < texts.Length; i++)
        {
            foreach (IGrouping<int, int> bucket in texts[i].GroupBy(bucket => bucket))
            {
                counts[i * columns.Length + places[bucket.Key]] = 1 + Math.Log(bucket.Count());
            }
        }

        return (
            torch.tensor(counts).to(like.dtype).to(inputs.device).reshape([.. inputs.shape[..^1], columns.Length]),
            torch.tensor(columns, dtype: torch.int64, device: inputs.device));
    }
}
