using MetaMap.Learning.Models;
using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>Keeps what batch norm saw at every inner step of one episode, or of each of several side by side: mean and (biased) variance of each layer.</summary>
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
    /// <param name="tasks">How many tasks are side by side; null for a single one.</param>
    /// <returns>For mean and variance, [steps + 1, channels], summed over tasks.</returns>
    public (torch.Tensor Mean, torch.Tensor Variance) Differences(IReadOnlyList<torch.Tensor> metaParameters, int normLayer, long? tasks = null)
    {
        torch.Tensor mean = metaParameters[layout.Mean(normLayer)].detach();
        torch.Tensor variance = metaParameters[layout.Mean(normLayer) + 1].detach();
        (torch.Tensor Mean, torch.Tensor Variance)[] rows =
            [.. Enumerable.Range(0, (int)mean.shape[0]).Select(step => _seen[(normLayer, step)])];
        return (Difference(mean, rows.Select(row => row.Mean)), Difference(variance, rows.Select(row => row.Variance)));

        torch.Tensor Difference(torch.Tensor stored, IEnumerable<torch.Tensor> seen) => tasks is null
            ? stored.sub(torch.stack(seen))
            : stored.OfEachTask(tasks).sub(torch.stack(seen, 1)).SumOverTasks(tasks);
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
            // [images, channels, height, width], with [tasks] before where there are several
            int tasks = features.dim() == 5 ? 1 : 0;
            long[] allButChannels = [.. Enumerable.Range(tasks, features.shape.Length - tasks).Where(i => i != tasks + 1).Select(i => (long)i)];
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
