using MetaMap.Learning.Layered;
using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Batched;

/// <summary>Meta-parameters as tensors, seen as a network over tasks side by side sees them: weights, rates and statistics of each inner step.</summary>
/// <param name="network">The network.</param>
/// <param name="meta">Layout of the meta-parameters.</param>
/// <param name="loop">The inner loop.</param>
/// <param name="all">One tensor for each entry of the layout, of one device and dtype.</param>
internal sealed class TaskParameters(TaskNetwork network, MetaLayout meta, LayeredInnerLoop loop, torch.Tensor[] all)
{
    private readonly torch.Tensor[][] _rates = loop.LearnedRates == LearnedRates.PerStep ? [] : network.Arranged(
        [.. loop.Adapts.Select((adapts, entry) => !adapts ? torch.zeros_like(all[entry]) : meta.RateOf(entry) is { } learned ? all[learned] : torch.ones_like(all[entry]).Times(loop.Rate))]);

    /// <summary>The weights before the first step, [1, rows, channels] each.</summary>
    public torch.Tensor[][] Weights() => network.Arranged([.. loop.Adapts.Select((_, entry) => OfStep(entry, innerSteps: 0))]);

    /// <summary>The weights with those parts that belong to an inner step, such as its batch norm.</summary>
    public torch.Tensor[][] WithParts(torch.Tensor[][] weights, int innerSteps) => loop.RunningMeans is null
        ? weights : network.Each(weights, (entry, tensor) => meta.IsPerStep(entry) ? OfStep(entry, innerSteps).reshape(1, 1, -1) : tensor);

    /// <summary>Rates of a step times something of the weights' shape; zero for what does not adapt.</summary>
    public torch.Tensor[][] TimesRates(torch.Tensor[][] weights, int step) => loop.LearnedRates == LearnedRates.PerStep
        ? network.Each(weights, (entry, tensor) => meta.RateOf(entry) is { } rate ? tensor.mul(Row(rate, step)) : torch.zeros_like(tensor))
        : [.. _rates.Zip(weights, (ofRates, ofWeights) => ofRates.Zip(ofWeights, (rate, tensor) => rate.mul(tensor)).ToArray())];

    /// <summary>The running statistics of an inner step, one for each layer with batch norm.</summary>
    public TaskNorm?[] RunningStatistics(int innerSteps) =>
        [.. network.Norms.Select(norm => norm is null ? null : TaskNorm.Of(WithoutBias(norm, Row(MeanOf(norm), innerSteps)), Row(MeanOf(norm) + 1, innerSteps)))];

    /// <summary>The row of an inner step.</summary>
    public torch.Tensor Row(int parameter, int innerSteps) => all[parameter].select(0, meta.Row(parameter, innerSteps));

    /// <summary>The bias of a convolution; null where it has none.</summary>
    public torch.Tensor? BiasOf(LayerPlan.Convolution norm) => norm.Bias is { } bias ? all[bias] : null;

    /// <summary>Position of a batch norm's running mean; its variance is the next.</summary>
    public int MeanOf(LayerPlan.Convolution norm) => loop.RunningMeans![norm.Gain];

    private torch.Tensor OfStep(int entry, int innerSteps) => meta.IsPerStep(entry) ? Row(entry, innerSteps) : all[entry];

    private torch.Tensor WithoutBias(LayerPlan.Convolution norm, torch.Tensor mean) => BiasOf(norm) is { } bias ? mean.sub(bias) : mean;
}
