using MetaMap.Data;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Models;
using MetaMap.Learning.Tests.Algorithms;
using MetaMap.Testing;
using MetaMap.Training.Aggregation;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning.Tests.Kernels;

/// <summary>Matrix products against libtorch's own convolution in float64.</summary>
public sealed class ConvolutionTests
{
    [Theory]
    [InlineData(5, 3, 9, 8, 4, 3, 3, 1, 1)]
    [InlineData(2, 4, 7, 7, 3, 3, 3, 2, 1)]
    [InlineData(3, 4, 6, 5, 7, 1, 1, 1, 0)]
    [InlineData(3, 4, 6, 5, 7, 1, 1, 2, 0)]
    [InlineData(4, 8, 1, 12, 5, 1, 4, 1, 0)]
    [InlineData(1, 1, 3, 3, 2, 3, 3, 1, 0)]
    public void Products_ValueAndDerivatives_AreLibtorchs(
        long images, long channels, long height, long width, long filters, long rows, long columns, long stride, long padding)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor inputs = RandomTensors.Gaussian(1, images, channels, height, width).requires_grad_();
        torch.Tensor weight = RandomTensors.Gaussian(2, filters, channels, rows, columns).requires_grad_();
        torch.Tensor bias = RandomTensors.Gaussian(3, filters).requires_grad_();
        Gradients64.AssertClose(
            Derivatives(F.conv2d(inputs, weight, bias, strides: [stride, stride], padding: [padding, padding]), inputs, weight, bias),
            Derivatives(Convolution.Products.Apply(inputs, weight, bias, stride, padding), inputs, weight, bias));
    }

    [Fact]
    public void Direct_InFloat32_IsFloat64Rounded()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor inputs = RandomTensors.Gaussian(1, 5, 16, 8, 8);
        torch.Tensor weight = RandomTensors.Gaussian(2, 16, 16, 3, 3);
        torch.Tensor exact = Convolution.Products.Apply(inputs, weight, null, 1, 1);
        foreach (Convolution way in new[] { Here.Convolution, Convolution.Products })
        {
            torch.Tensor rounded = way.Apply(inputs.to(torch.float32), weight.to(torch.float32), null, 1, 1);
            Assert.Equal(torch.float32, rounded.dtype);
            Gradients64.AssertClose([exact], [rounded.to(torch.float64)], 1e-6);
        }
    }

    [Fact]
    public void ShapeRecorder_DefaultNetwork_KnowsEveryConvolution()
    {
        var spec = Specs.Of("conv4-stride", new ImageShape(1, 28, 28), 5, 64);
        Assert.Equal(
            [
                new(5, 1, 28, 28, 64, 3, 3, 2, 1), new(5, 64, 14, 14, 64, 3, 3, 2, 1), new(5, 64, 7, 7, 64, 3, 3, 2, 1), new(5, 64, 4, 4, 64, 3, 3, 2, 1),
                new(75, 1, 28, 28, 64, 3, 3, 2, 1), new(75, 64, 14, 14, 64, 3, 3, 2, 1), new(75, 64, 7, 7, 64, 3, 3, 2, 1), new(75, 64, 4, 4, 64, 3, 3, 2, 1),
            ],
            ShapeRecorder.Of(spec, [5, 75, 5]).OrderBy(shape => shape.Images).ThenByDescending(shape => shape.Height).AsEnumerable());
    }

    private static torch.Tensor[] Derivatives(torch.Tensor value, torch.Tensor inputs, torch.Tensor weight, torch.Tensor bias)
    {
        IList<torch.Tensor> first = torch.autograd.grad([(value * value * value).sum()], [inputs, weight, bias], retain_graph: true, create_graph: true);
        torch.Tensor lengths = first.Select(gradient => (gradient * gradient).sum()).Aggregate((sum, more) => sum + more);
        return [value, .. first, .. torch.autograd.grad([lengths], [inputs, weight, bias])];
    }
}
