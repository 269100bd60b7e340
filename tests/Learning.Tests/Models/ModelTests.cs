using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Learning.Models;
using MetaMap.Learning.Tests.Kernels;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace MetaMap.Learning.Tests.Models;

public sealed class ModelTests
{
    public static TheoryData<string, torch.ScalarType> ModelsAndTypes
    {
        get
        {
            var data = new TheoryData<string, torch.ScalarType>();
            foreach (string name in PartRegistry.Models.Names)
            {
                data.Add(name, torch.ScalarType.Float32);
                data.Add(name, torch.ScalarType.Float64);
            }

            return data;
        }
    }

    [Theory]
    [InlineData(5, 112_261)]
    [InlineData(20, 113_236)]
    public void Create_Conv4With64Filters_HasPublishedParameterCount(int ways, int expected)
    {
        var spec = Specs.Of("conv4", new ImageShape(1, 28, 28), ways, 64);
        Assert.Equal(expected, spec.CreateModel(Here.Convolution).Schema.Layout.Length);
    }

    [Theory]
    [MemberData(nameof(ModelsAndTypes))]
    public void Forward_AnyModel_GivesOneRowOfOutputsPerInputInItsType(string name, torch.ScalarType dtype)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelSpec spec = SmallNetworks.Spec(name, outputs: 7, side: 28);
        IModel model = spec.CreateModel(Here.Convolution);
        torch.Tensor[] parameters = [.. RandomTensors.Leaves(model.Schema.Layout, 1).Select(p => p.to(dtype))];
        torch.Tensor inputs = SmallNetworks.Inputs(spec.Input, 2, 4).to(dtype);
        torch.Tensor outputs = model.Forward(parameters, inputs, ForwardPass.Transductive);
        Assert.Equal([4, 7], outputs.shape);
        Assert.Equal(dtype, outputs.dtype);
    }

    [Theory]
    [MemberData(nameof(ModelsAndTypes))]
    public void Features_AnyModel_OffersOneLayerOfItsChannelsForModulation(string name, torch.ScalarType dtype)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelSpec spec = SmallNetworks.Spec(name);
        IModel model = spec.CreateModel(Here.Convolution);
        torch.Tensor[] parameters = [.. RandomTensors.Leaves(model.Schema.Layout, 1).Select(p => p.to(dtype))];
        List<long> channels = [];
        ForwardPass pass = ForwardPass.Transductive with
        {
            Modulation = hidden =>
            {
                channels.Add(hidden.shape[1]);
                return hidden;
            },
        };
        model.Forward(parameters, SmallNetworks.Inputs(spec.Input, 2, 4).to(dtype), pass);
        Assert.Equal(PartRegistry.Models[name].ModulatedChannels(spec), Assert.Single(channels));
    }

    [Theory]
    [InlineData("conv4")]
    [InlineData("conv4-stride")]
    public void Forward_Conv4_AgreesWithTorchModules(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        IModel model = Specs.Of(name, new ImageShape(1, 28, 28), 5, 8).CreateModel(Here.Convolution);
        torch.Tensor[] parameters = RandomTensors.Leaves(model.Schema.Layout, 1);
        torch.Tensor features = RandomTensors.Gaussian(2, 6, 1, 28, 28);
        torch.Tensor logits = model.Forward(parameters, features, ForwardPass.Transductive);

        for (int layer = 0; layer < 4; layer++)
        {
            long inputs = features.shape[1];
            long stride = name == "conv4" ? 1 : 2;
            using var conv = torch.nn.Conv2d(inputs, 8, 3, stride: stride, padding: 1L, dtype: torch.float64);
            using var norm = torch.nn.BatchNorm2d(8, dtype: torch.float64);
            using (torch.no_grad())
            {
                conv.weight.copy_(parameters[4 * layer]);
                conv.bias!.copy_(parameters[4 * layer + 1]);
                norm.weight!.copy_(parameters[4 * layer + 2]);
                norm.bias!.copy_(parameters[4 * layer + 3]);
            }

            features = norm.call(conv.call(features)).relu();
            features = name == "conv4" ? torch.nn.functional.max_pool2d(features, 2) : features;
        }

        torch.Tensor expected = features.mean([2, 3]).matmul(parameters[^2].t()) + parameters[^1];
        Assert.True(expected.allclose(logits, 1e-12, 1e-12));
    }

    [Fact]
    public void Create_UnknownModel_ListsTheChoices()
    {
        var error = Assert.Throws<ConfigurationException>(
            () => Specs.Of("resnet", new ImageShape(1, 28, 28), 5, 64).CreateModel(Here.Convolution));
        Assert.Contains("'resnet'", error.Message, StringComparison.Ordinal);
        Assert.Contains("conv4-stride, conv4, cnn", error.Message, StringComparison.Ordinal);
    }
}
