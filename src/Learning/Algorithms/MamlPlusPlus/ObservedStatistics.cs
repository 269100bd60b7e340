using MetaMap.Learning.Models;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>Keeps what batch norm saw at every inner step of one episode: mean and (biased) variance of each layer.</summary>
/// <remarks>Deviation from the authors' code: the variance is biased, like the one that batch norm divides by.</remarks>
/// <param name="layout">Which layer is which.</param>
internal sealed class ObservedStatistics(PerStepLayout layout) : IDisposable
{
    private readonly Dictionary<(int Layer, int InnerSteps), (torch.Tensor Mean, torch.Tensor Variance)> _seen = [];

    /// <summary>A forward pass by batch statistics that keeps them as those of a step, unless some are kept already.</summary>
    /// <param name="network">The parameters that the network runs with.</param>
    /// <param name="innerSteps">Which step.</param>
    public ForwardPass Pass(IReadOnlyList<torch.Tensor> network, int innerSteps) => new(new Observer(this, network, innerSteps));

    /// <summary>Stored minus observed, in place of a gradient; in the caller's dispose scope.</summary>
    /// <param name="metaParameters">All meta-parameters.</param>
    /// <param name="normLayer">Which batch norm.</param>
    /// <returns>For mean and variance, [steps + 1, channels].</returns>
    public (torch.Tensor Mean, torch.Tensor Variance) Differences(IReadOnlyList<torch.Tensor> metaParameters, int normLayer)
    {
        torch.Tensor mean = metaParameters[layout.Mean(normLayer)].detach();
        torch.Tensor variance = metaParameters[layout.Mean(normLayer) + 1].detach();
        (torch.Tensor Mean, torch.Tensor Variance)[] rows =
            [.. Enumerable.Range(0, (int)mean.shape[0]).Select(step => _seen[(normLayer, step)])];
        return (mean.sub(torch.stack(rows.Select(row => row.Mean))), variance.sub(torch.stack(rows.Select(row => row.Variance))));
    }

    /// <summary>Releases what was kept.</summary>
    public void Dispose()
    {
        foreach ((torch.Tensor mean, torch.Tensor variance) in _seen.Values)
        {
            mean.Dispose();
            variance.Dispose();
        }
    }

    private void Keep(int normLayer, int innerSteps, torch.Tensor features)
    {
        if (!_seen.ContainsKey((normLayer, innerSteps)))
        {
            using DisposeScope scope = torch.NewDisposeScope();
            long[] allButChannels = [.. Enumerable.Range(0, features.shape.Length).Where(i => i != 1).Select(i => (long)i)];
            (torch.Tensor variance, torch.Tensor mean) = torch.var_mean(features.detach(), allButChannels, unbiased: false);
            _seen.Add((normLayer, innerSteps), (mean.DetachFromDisposeScope(), variance.DetachFromDisposeScope()));
        }
    }

    private sealed class Observer(ObservedStatistics observed, IReadOnlyList<torch.Tensor> network, int innerSteps) : BatchStatistics
    {
        public override torch.Tensor Normalize(int layer, torch.Tensor features, torch.Tensor scale, torch.Tensor shift)
        {
            observed.Keep(observed.Layout.NormLayer(network, scale), innerSteps, features);
            return OfBatch.Normalize(layer, features, scale, shift);
        }
    }

    private PerStepLayout Layout => layout;
}
