using System.Collections.Immutable;
using System.Numerics;

namespace MetaMap.Learning.Layered;

/// <summary>What batch norm normalises a layer's channels by; padded.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="Mean">[1, channels]: of the values before normalisation, without the convolution's bias.</param>
/// <param name="Scale">[1, channels]: 1 / sqrt(variance + 1e-5) of them.</param>
internal sealed record NormStatistics<T>(Matrix<T> Mean, Matrix<T> Scale) where T : unmanaged, IBinaryFloatingPointIeee754<T>;

/// <summary>The running statistics of batch norm among the meta-parameters, a row for every inner step (MAML++).</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="memory">Holds its matrices.</param>
/// <param name="network">The network.</param>
/// <param name="meta">Layout of the meta-parameters.</param>
/// <param name="means">For every scale of batch norm the position of its running mean; the variance follows.</param>
internal sealed class PerStepStatistics<T>(NativeMemory<T> memory, LayeredNetwork<T> network, MetaLayout meta, IReadOnlyDictionary<int, int> means)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ImmutableArray<NormStatistics<T>?> _stored =
        [.. network.Norms.Select(norm => norm is null ? null : NewStatistics(memory, LayerStack<T>.Padded(meta.Network.Entries[norm.Gain].Length)))];

    /// <summary>The stored ones of an inner step, one for each layer with batch norm; valid until the next call.</summary>
    /// <param name="all">All meta-parameters.</param>
    /// <param name="innerSteps">Steps done.</param>
    public ImmutableArray<NormStatistics<T>?> At(ReadOnlySpan<float> all, int innerSteps)
    {
        for (int layer = 0; layer < _stored.Length; layer++)
        {
            if (_stored[layer] is { } stored)
            {
                (int mean, int variance, int bias, int channels) = Places(network.Norms[layer]!, innerSteps);
                for (int c = 0; c < channels; c++)
                {
                    stored.Mean.Span[c] = T.CreateTruncating(all[mean + c]) - Bias(all, bias, c);
                    stored.Scale.Span[c] = Normalization<T>.ScaleOf(T.CreateTruncating(all[variance + c]));
                }
            }
        }

        return _stored;
    }

    /// <summary>Adds stored minus observed, in place of a gradient.</summary>
    /// <param name="all">All meta-parameters.</param>
    /// <param name="observed">What a forward pass normalised by.</param>
    /// <param name="innerSteps">Steps done.</param>
    /// <param name="sums">In the layout of all meta-parameters.</param>
    public void AddDifferences(ReadOnlySpan<float> all, ImmutableArray<NormStatistics<T>?> observed, int innerSteps, Span<T> sums)
    {
        for (int layer = 0; layer < observed.Length; layer++)
        {
            if (observed[layer] is { } seen)
            {
                (int mean, int variance, int bias, int channels) = Places(network.Norms[layer]!, innerSteps);
                for (int c = 0; c < channels; c++)
                {
                    sums[mean + c] += T.CreateTruncating(all[mean + c]) - (seen.Mean.Span[c] + Bias(all, bias, c));
                    sums[variance + c] += T.CreateTruncating(all[variance + c]) - Normalization<T>.VarianceOf(seen.Scale.Span[c]);
                }
            }
        }
    }

    // Where the rows of mean and variance, and the convolution's bias, begin in a vector of all; -1 without a bias.
    private (int Mean, int Variance, int Bias, int Channels) Places(LayerPlan.Convolution plan, int innerSteps)
    {
        int mean = means[plan.Gain];
        int channels = meta.Network.Entries[plan.Gain].Length;
        int row = meta.Row(mean, innerSteps) * channels;
        return (meta.All.Offsets[mean] + row, meta.All.Offsets[mean + 1] + row, plan.Bias is { } bias ? meta.All.Offsets[bias] : -1, channels);
    }

    private static T Bias(ReadOnlySpan<float> all, int offset, int channel) => offset < 0 ? T.Zero : T.CreateTruncating(all[offset + channel]);

    private static NormStatistics<T> NewStatistics(NativeMemory<T> memory, int channels) => new(memory.Zeros(1, channels), memory.Zeros(1, channels));
}
