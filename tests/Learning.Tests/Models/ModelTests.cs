using MetaMap.Core;
using MetaMap.Core.Data;
using MetaMap.Core.Models;
using MetaMap.Learning.Models;
using MetaMap.Learning.Tests.Kernels;
using TorchSharp;

namespace MetaMap.Learning.Tests.Models;

public sealed class ModelTests
{
    public static TheoryData<string, torch.ScalarType> ModelsAndTypes
    {
        get
        {
            var data = new TheoryData<string, torch.ScalarType>();
            foreach (string name in ModelCatalog.Names)
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
        var spec = new ModelSpec(ModelCatalog.Conv4, new ImageShape(1, 28, 28), ways, Filters: 64);
        Assert.Equal(expected, ModelFactory.Create(spec, Here.Convolution).Schema.Layout.Length);
    }

    [Theory]
    [MemberData(nameof(ModelsAndTypes))]
    public void Forward_AnyModel_GivesOneRowOfOutputsPerInputInItsType(string name, torch.ScalarType dtype)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelSpec spec = SmallNetworks.Spec(name, outputs: 7, side: 28);
        IModel model = ModelFactory.Create(spec, Here.Convolution);
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
        IModel model = ModelFactory.Create(spec, Here.Convolution);
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
        Assert.Equal(ModelCatalog.All[name].ModulatedChannels(spec), Assert.Single(channels));
    }

    [Theory]
    [InlineData(ModelCatalog.Conv4)]
    [InlineData(ModelCatalog.Conv4Stride)]
    public void Forward_Conv4_AgreesWithTorchModules(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        IModel model = ModelFactory.Create(new ModelSpec(name, new ImageShape(1, 28, 28), Outputs: 5, Filters: 8), Here.Convolution);
        torch.Tensor[] parameters = RandomTensors.Leaves(model.Schema.Layout, 1);
        torch.Tensor features = RandomTensors.Gaussian(2, 6, 1, 28, 28);
        torch.Tensor logits = model.Forward(parameters, features, ForwardPass.Transductive);

        for (int layer = 0; layer < 4; layer++)
        {
            long inputs = features.shape[1];
            long stride = name == ModelCatalog.Conv4 ? 1 : 2;
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
            features = name == ModelCatalog.Conv4 ? torch.nn.functional.max_pool2d(features, 2) : features;
        }

        torch.Tensor expected = features.mean([2, 3]).matmul(parameters[^2].t()) + parameters[^1];
        Assert.True(expected.allclose(logits, 1e-12, 1e-12));
    }

    [Fact]
    public void Create_UnknownModel_ListsTheChoices()
    {
        var error = Assert.Throws<ConfigurationException>(
            () => ModelFactory.Create(new ModelSpec("resnet", new ImageShape(1, 28, 28), 5, 64), Here.Convolution));
        Assert.Contains("'resnet'", error.Message, StringComparison.Ordinal);
        Assert.Contains("conv4-stride, conv4, cnn", error.Message, StringComparison.Ordinal);
    }
}
