using MetaMap.Core.Parameters;
using MetaMap.Learning.Kernels;
using MetaMap.Training.Baselines;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace MetaMap.Learning.Models;

/// <summary>Weighed gradient histograms of an image, a linear map of them, and the features of <c>conv4</c>, side by side. Not differentiable by the image.</summary>
internal sealed class HogConv4Model : IModel
{
    private readonly Conv4Model _convolutions;
    private readonly GradientHistogram _histogram;
    private readonly int _imageLength;
    private readonly int _first;

    /// <summary>Creates the network.</summary>
    /// <param name="spec">Named <c>hog-conv4</c>.</param>
    /// <param name="convolution">How convolutions are computed.</param>
    public HogConv4Model(ModelSpec spec, Convolution convolution) : this(spec, new Conv4Model(HogConv4Definition.Convolutions(spec), convolution)) { }

    /// <summary>Creates it over other convolutions; tests use those with a smooth activation to check gradients against finite differences.</summary>
    internal HogConv4Model(ModelSpec spec, Conv4Model convolutions)
    {
        Schema = spec.Schema();
        _convolutions = convolutions;
        _histogram = new GradientHistogram(spec.Input.ToImageShape());
        _imageLength = spec.Input.Length;
        _first = convolutions.Schema.Definitions.Count(definition => definition.Role == ParameterRole.Body);
    }

    /// <inheritdoc />
    public ParameterSchema Schema { get; }

    /// <inheritdoc />
    public bool TakesTasks => true;

    /// <inheritdoc />
    public torch.Tensor Features(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs, ForwardPass pass)
    {
        (torch.Tensor logScale, torch.Tensor logWeight, torch.Tensor embedding) = (parameters[_first], parameters[_first + 1], parameters[_first + 2]);
        torch.Tensor weighed = Histograms(inputs).mul(logWeight.exp().unsqueeze(-2));                                                     // [images, length]
        torch.Tensor convolved = _convolutions.Features(parameters, inputs, pass).mul(logScale.exp().unsqueeze(-2));                      // [images, filters]
        return torch.cat([weighed, weighed.matmul(embedding), convolved], -1);
    }

    /// <inheritdoc />
    public torch.Tensor Head(IReadOnlyList<torch.Tensor> parameters, torch.Tensor features) => Linear.Of(features, parameters[_first + 3], parameters[_first + 4]);

    private torch.Tensor Histograms(torch.Tensor inputs)
    {
        float[] pixels = inputs.detach().to(torch.float32).cpu().contiguous().data<float>().ToArray();
        float[] histograms = [.. pixels.Chunk(_imageLength).SelectMany(_histogram.Of)];
        return torch.tensor(histograms).to(inputs.dtype).to(inputs.device).reshape([.. inputs.shape[..^3], _histogram.Length]);
    }
}
