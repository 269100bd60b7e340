using MetaMap.Learning.Layered;
using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Batched;

/// <summary>The sum of the tasks' meta-gradients as it comes together, in the layout of the meta-parameters.</summary>
/// <param name="network">The network.</param>
/// <param name="meta">Layout of the meta-parameters.</param>
/// <param name="loop">The inner loop.</param>
/// <param name="parameters">The meta-parameters.</param>
internal sealed class TaskGradient(TaskNetwork network, MetaLayout meta, LayeredInnerLoop loop, TaskParameters parameters)
{
    private readonly torch.Tensor?[] _whole = new torch.Tensor?[meta.All.Entries.Length];
    private readonly SortedDictionary<int, torch.Tensor>[] _rows = [.. meta.All.Entries.Select(_ => new SortedDictionary<int, torch.Tensor>())];
    private torch.Tensor[][]? _rates;

    /// <summary>Adds the derivatives by the weights before the first step.</summary>
    public void Add(torch.Tensor[][] cotangent) =>
        network.Restore(TakeParts(cotangent, innerSteps: 0), entry => !meta.IsPerStep(entry), (entry, sum) => _whole[entry] = sum);

    /// <summary>Adds the derivatives by those weights that belong to one inner step, and takes them out.</summary>
    public torch.Tensor[][] TakeParts(torch.Tensor[][] cotangent, int innerSteps)
    {
        if (loop.RunningMeans is null)
        {
            return cotangent;
        }

        network.Restore(cotangent, meta.IsPerStep, (entry, sum) => _rows[entry].Add(innerSteps, sum));
        return network.Each(cotangent, (entry, tensor) => meta.IsPerStep(entry) ? torch.zeros_like(tensor) : tensor);
    }

    /// <summary>Adds the derivatives by the learned rates of an inner step: minus its gradient times the derivatives by the weights after it.</summary>
    public void AddRates(torch.Tensor[][] gradient, torch.Tensor[][] cotangent, int step)
    {
        if (loop.LearnedRates == LearnedRates.None)
        {
            return;
        }

        torch.Tensor[][] share = [.. gradient.Zip(cotangent, (left, right) => left.Zip(right, (g, v) => g.mul(v).neg()).ToArray())];
        if (loop.LearnedRates == LearnedRates.PerWeight)
        {
            _rates = _rates is null ? share : [.. _rates.Zip(share, (left, right) => left.Zip(right, (sum, added) => sum.Plus(added)).ToArray())];
            return;
        }

        network.Each(share, (entry, tensor) =>
        {
            if (meta.RateOf(entry) is { } rate)
            {
                _rows[rate].Add(step, tensor.sum());
            }

            return tensor;
        });
    }

    /// <summary>Adds running statistics minus what each task's batch norm saw, in place of derivatives.</summary>
    public void AddDifferences(IEnumerable<TaskTape> observed, int innerSteps)
    {
        foreach ((LayerPlan.Convolution? norm, TaskTape tape) in loop.RunningMeans is null ? [] : network.Norms.Zip(observed))
        {
            if (norm is not null)
            {
                torch.Tensor mean = parameters.BiasOf(norm) is { } bias ? tape.Norm!.Mean.Plus(bias) : tape.Norm!.Mean;
                _rows[parameters.MeanOf(norm)].Add(innerSteps, Difference(parameters.MeanOf(norm), mean));
                _rows[parameters.MeanOf(norm) + 1].Add(innerSteps, Difference(parameters.MeanOf(norm) + 1, tape.Norm.Variance));
            }
        }

        torch.Tensor Difference(int parameter, torch.Tensor seen) => parameters.Row(parameter, innerSteps).sub(seen).sum([0, 1]);
    }

    /// <summary>One tensor for each entry of the layout; zeros for what has no part in anything, such as the bias before a batch norm.</summary>
    /// <param name="like">Of the device and dtype.</param>
    public torch.Tensor[] Total(torch.Tensor like)
    {
        if (_rates is not null)
        {
            network.Restore(_rates, entry => meta.RateOf(entry) is not null, (entry, sum) => _whole[meta.RateOf(entry)!.Value] = sum);
        }

        return [.. _whole.Select((whole, entry) => whole ?? (_rows[entry].Count > 0 ? torch.stack(_rows[entry].Values) : Zeros(entry)))];

        torch.Tensor Zeros(int entry) => torch.zeros([.. meta.All.Entries[entry].Shape.Select(size => (long)size)], dtype: like.dtype, device: like.device);
    }
}
