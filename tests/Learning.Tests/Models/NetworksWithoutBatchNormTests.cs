using MetaMap.Data;
using MetaMap.Learning.Models;
using MetaMap.Learning.Tests.Kernels;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace MetaMap.Learning.Tests.Models;

/// <summary>What holds for networks whose inputs do not see each other.</summary>
public sealed class NetworksWithoutBatchNormTests
{
    public static TheoryData<string> Names => ["cnn", "mlp", "text-cnn", "text-ngrams", "ratings-mlp"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Forward_Inductive_EqualsTransductive(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelSpec spec = SmallNetworks.Spec(name);
        IModel model = spec.CreateModel(Here.Convolution);
        torch.Tensor[] parameters = RandomTensors.Leaves(model.Schema.Layout, 1);
        torch.Tensor inputs = SmallNetworks.Inputs(spec.Input, 2, 5);
        var support = new CollectedStatistics();
        model.Forward(parameters, SmallNetworks.Inputs(spec.Input, 3, 4), new ForwardPass(support));

        torch.Tensor transductive = model.Forward(parameters, inputs, ForwardPass.Transductive);
        Assert.True(transductive.allclose(model.Forward(parameters, inputs, new ForwardPass(support.Fixed)), 0, 0));
        torch.Tensor alone = torch.cat([.. Enumerable.Range(0, 5).Select(i => model.Forward(parameters, inputs.narrow(0, i, 1), ForwardPass.Transductive))]);
        Assert.True(transductive.allclose(alone, 1e-12, 1e-12));
    }

    [Fact]
    public void Forward_Mlp_ReadsImagesRowByRow()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelSpec spec = SmallNetworks.Spec("mlp") with { Input = new ImageShape(1, 2, 2) };
        IModel ofImages = spec.CreateModel(Here.Convolution);
        IModel ofVectors = SmallNetworks.Spec("mlp").CreateModel(Here.Convolution);
        torch.Tensor[] parameters = RandomTensors.Leaves(ofImages.Schema.Layout, 1);
        torch.Tensor vectors = RandomTensors.Gaussian(2, 5, 4);
        torch.Tensor outputs = ofVectors.Forward(parameters, vectors, ForwardPass.Transductive);
        Assert.True(outputs.allclose(ofImages.Forward(parameters, vectors.reshape(5, 1, 2, 2), ForwardPass.Transductive), 0, 0));
        torch.Tensor first = (vectors.matmul(parameters[0].t()) + parameters[1]).relu();
        torch.Tensor second = (first.matmul(parameters[2].t()) + parameters[3]).relu();
        Assert.True(outputs.allclose(second.matmul(parameters[4].t()) + parameters[5], 1e-12, 1e-12));
    }

    [Fact]
    public void Forward_TextCnn_PaddingStandsForTheZeroVector()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelSpec spec = SmallNetworks.Spec("text-cnn");
        IModel model = spec.CreateModel(Here.Convolution);
        torch.Tensor[] parameters = RandomTensors.Leaves(model.Schema.Layout, 1);
        torch.Tensor text = torch.cat([SmallNetworks.Inputs(spec.Input, 2, 1).narrow(1, 0, 8).clamp_min(1), torch.zeros([1, 4], dtype: torch.float64)], 1);
        torch.Tensor before = model.Forward(parameters, text, ForwardPass.Transductive);
        parameters[0].detach().narrow(0, 0, 1).add_(5);
        Assert.True(before.allclose(model.Forward(parameters, text, ForwardPass.Transductive), 0, 0));
        parameters[0].detach().narrow(0, 1, 29).add_(5);
        Assert.False(before.allclose(model.Forward(parameters, text, ForwardPass.Transductive), 1e-3, 1e-3));
    }

    [Fact]
    public void Forward_TextCnnOfCharacters_ReadsTheirRemainders()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelSpec spec = SmallNetworks.Spec("text-cnn");
        IModel ofFew = (spec with { Input = InputShape.Tokens(12, 8192) }).CreateModel(Here.Convolution);
        IModel ofAll = (spec with { Input = InputShape.Tokens(12, 0x110001) }).CreateModel(Here.Convolution);
        torch.Tensor[] parameters = RandomTensors.Leaves(ofAll.Schema.Layout, 1);
        Assert.Equal(ofFew.Schema.Layout, ofAll.Schema.Layout);
        torch.Tensor text = SmallNetworks.Inputs(spec.Input, 2, 3).clamp_min(1);
        torch.Tensor far = text.add(8192 * 3);
        Assert.True(ofFew.Forward(parameters, text, ForwardPass.Transductive).allclose(ofAll.Forward(parameters, far, ForwardPass.Transductive), 0, 0));
    }

    [Fact]
    public void Forward_RatingsMlp_ReadsTheRowOfTheItem()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelSpec spec = SmallNetworks.Spec("ratings-mlp", outputs: 1, hidden: "6");
        IModel model = spec.CreateModel(Here.Convolution);
        torch.Tensor[] parameters = RandomTensors.Leaves(model.Schema.Layout, 1);
        torch.Tensor outputs = model.Forward(parameters, torch.tensor([29.0, 0.0]).reshape(2, 1), ForwardPass.Transductive);
        torch.Tensor rows = torch.cat([parameters[0].narrow(0, 29, 1), parameters[0].narrow(0, 0, 1)]);
        torch.Tensor hidden = (rows.matmul(parameters[1].t()) + parameters[2]).relu();
        Assert.True(outputs.allclose(hidden.matmul(parameters[3].t()) + parameters[4], 1e-12, 1e-12));
    }
}
