using System.Collections.Immutable;

namespace MetaMap.Learning.Layered;

/// <summary>One layer of a network as its author declares it; parameters are given by their position among the network's.</summary>
public abstract record LayerPlan
{
    private LayerPlan() { }

    /// <summary>
    /// Square filters, batch norm by the batch's statistics, ReLU; then optional 2x2 max-pooling. The convolution's bias need not
    /// be given: batch norm cancels it.
    /// </summary>
    /// <param name="Weight">Position of the filters [filters, channels, side, side].</param>
    /// <param name="Gain">Position of batch norm's scale [filters].</param>
    /// <param name="Shift">Position of batch norm's shift [filters].</param>
    /// <param name="Stride">In both directions.</param>
    /// <param name="Padding">Zeros on every side.</param>
    /// <param name="Pools">With max-pooling.</param>
    public sealed record Convolution(int Weight, int Gain, int Shift, int Stride, int Padding, bool Pools) : LayerPlan;

    /// <summary>The mean of each channel over an image's pixels.</summary>
    public sealed record SpatialMean : LayerPlan;

    /// <summary>Fully connected.</summary>
    /// <param name="Weight">Position of the weight [outputs, inputs].</param>
    /// <param name="Bias">Position of the bias [outputs].</param>
    /// <param name="IsRectified">With ReLU.</param>
    public sealed record Dense(int Weight, int Bias, bool IsRectified) : LayerPlan;
}

/// <summary>
/// A network that is a list of layers with known derivatives, so that meta-gradients need no graphs. Other networks are
/// differentiated by libtorch.
/// </summary>
public interface ILayeredModel
{
    /// <summary>The layers, the head last.</summary>
    ImmutableArray<LayerPlan> Layers { get; }
}
