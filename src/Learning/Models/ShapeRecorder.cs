using System.Collections.Immutable;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace MetaMap.Learning.Models;

/// <summary>Takes the place of convolutions to record which ones a network asks for; computes nothing.</summary>
internal sealed class ShapeRecorder : Convolution
{
    private readonly HashSet<ConvolutionShape> _shapes = [];

    /// <inheritdoc />
    public override string Name => "recorder";

    /// <summary>The convolutions of a network.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="batches">The numbers of inputs that it gets at once.</param>
    public static ImmutableArray<ConvolutionShape> Of(ModelSpec spec, IEnumerable<int> batches)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        var recorder = new ShapeRecorder();
        IModel model = spec.CreateModel(recorder);
        torch.Tensor[] parameters = ParameterTensors.Zeros(model.Schema.Layout, torch.CPU);
        foreach (int batch in batches.Distinct())
        {
            torch.Tensor inputs = torch.zeros([batch, .. spec.Input.Sizes.Select(size => (long)size)], dtype: torch.float32);
            model.Features(parameters, inputs, ForwardPass.Transductive);
        }

        return [.. recorder._shapes];
    }

    /// <inheritdoc />
    public override torch.Tensor Apply(torch.Tensor inputs, torch.Tensor weight, torch.Tensor? bias, long stride, long padding)
    {
        var shape = ConvolutionShape.Of(inputs, weight, stride, padding);
        _shapes.Add(shape);
        return torch.zeros([shape.Images, shape.Filters, shape.OutputHeight, shape.OutputWidth], dtype: inputs.dtype);
    }
}
