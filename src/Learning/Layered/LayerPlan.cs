using System.Collections.Immutable;

namespace MetaMap.Learning.Layered;

/// <summary>One layer of a network as its author declares it; parameters are given by their position among the network's.</summary>
public abstract record LayerPlan
{
    private LayerPlan() { }

    /// <summary>Whether a network reads images instead of vectors.</summary>
    internal static bool IsOfImages(ImmutableArray<LayerPlan> plan) => plan[0] is Convolution or RectifiedConvolution;

    /// <summary>
    /// Square filters, batch norm by the batch's statistics, ReLU; then optional 2x2 max-pooling.
    /// </summary>
    /// <param name="Weight">Position of the filters [filters, channels, side, side].</param>
    /// <param name="Gain">Position of batch norm's scale [filters].</param>
    /// <param name="Shift">Position of batch norm's shift [filters].</param>
    /// <param name="Stride">In both directions.</param>
    /// <param name="Padding">Zeros on every side.</param>
    /// <param name="Pools">With max-pooling.</param>
    public sealed record Convolution(int Weight, int Gain, int Shift, int Stride, int Padding, bool Pools) : LayerPlan
    {
        /// <summary>Position of the filters' bias [filters]; null for none. Batch norm cancels it, but running means contain it.</summary>
        public int? Bias { get; init; }
    }

    /// <summary>Square filters with a bias, then ReLU; no batch norm.</summary>
    /// <param name="Weight">Position of the filters [filters, channels, side, side].</param>
    /// <param name="Bias">Position of the bias [filters].</param>
    /// <param name="Stride">In both directions.</param>
    /// <param name="Padding">Zeros on every side.</param>
    public sealed record RectifiedConvolution(int Weight, int Bias, int Stride, int Padding) : LayerPlan;

    /// <summary>Adaptive average pooling: each channel's mean over Side x Side windows that cover the image, as PyTorch cuts them.</summary>
    /// <param name="Side">1 for the mean over the whole image.</param>
    public sealed record AveragePool(int Side) : LayerPlan;

    /// <summary>Fully connected. Reads vectors, or pooled images channel by channel.</summary>
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
