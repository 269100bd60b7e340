using MetaMap.Data;
using MetaMap.Learning.Models;
using MetaMap.Learning.Tests.Kernels;
using MetaMap.Testing;
using TorchSharp;

namespace MetaMap.Learning.Tests.Models;

public sealed class ResNet12ModelTests
{
    [Fact]
    public void Forward_AgreesWithTorchModules()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        IModel model = Specs.Of("resnet12", new ImageShape(3, 16, 20), 5, 4).CreateModel(Here.Convolution);
        torch.Tensor[] parameters = RandomTensors.Leaves(model.Schema.Layout, 1);
        torch.Tensor features = RandomTensors.Gaussian(2, 6, 3, 16, 20);
        torch.Tensor logits = model.Forward(parameters, features, ForwardPass.Transductive);

        for (int block = 0; block < 4; block++)
        {
            torch.Tensor input = features;
            features = ConvolveAndNormalize(parameters, 12 * block, input).leaky_relu(0.1);
            features = ConvolveAndNormalize(parameters, 12 * block + 3, features).leaky_relu(0.1);
            features = ConvolveAndNormalize(parameters, 12 * block + 6, features);
            features = torch.nn.functional.max_pool2d((features + ConvolveAndNormalize(parameters, 12 * block + 9, input)).leaky_relu(0.1), 2);
        }

        torch.Tensor expected = features.mean([2, 3]).matmul(parameters[^2].t()) + parameters[^1];
        Assert.Equal(50, parameters.Length);
        Assert.True(expected.allclose(logits, 1e-11, 1e-11));
    }

    private static torch.Tensor ConvolveAndNormalize(torch.Tensor[] parameters, int first, torch.Tensor features)
    {
        long[] shape = parameters[first].shape;
        using var conv = torch.nn.Conv2d(shape[1], shape[0], shape[2], padding: shape[2] / 2, bias: false, dtype: torch.float64);
        using var norm = torch.nn.BatchNorm2d(shape[0], dtype: torch.float64);
        using (torch.no_grad())
        {
            conv.weight.copy_(parameters[first]);
            norm.weight!.copy_(parameters[first + 1]);
            norm.bias!.copy_(parameters[first + 2]);
        }

        return norm.call(conv.call(features));
    }
}
