using MetaMap.Data;
using MetaMap.Learning.Models;
using MetaMap.Learning.Tests.Kernels;
using MetaMap.Testing;
using TorchSharp;

namespace MetaMap.Learning.Tests.Models;

public sealed class BatchStatisticsTests
{
    private readonly IModel _model = Specs.Of("conv4-stride", new ImageShape(1, 16, 16), 3, 4).CreateModel(Here.Convolution);

    [Fact]
    public void Fixed_OtherQueriesChange_LogitsOfAQueryDoNot()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] parameters = RandomTensors.Leaves(_model.Schema.Layout, 1);
        torch.Tensor queries = RandomTensors.Gaussian(3, 5, 1, 16, 16);
        var support = new CollectedStatistics();
        _model.Forward(parameters, RandomTensors.Gaussian(2, 6, 1, 16, 16), new ForwardPass(support));

        torch.Tensor together = _model.Forward(parameters, queries, new ForwardPass(support.Fixed));
        torch.Tensor alone = torch.cat([.. Enumerable.Range(0, 5).Select(i => _model.Forward(parameters, queries.narrow(0, i, 1), new ForwardPass(support.Fixed)))]);
        Assert.True(together.allclose(alone, 1e-12, 1e-12));

        torch.Tensor transductive = _model.Forward(parameters, queries, ForwardPass.Transductive);
        torch.Tensor transductiveOfTwo = _model.Forward(parameters, queries.narrow(0, 0, 2), ForwardPass.Transductive);
        Assert.False(transductive.narrow(0, 0, 2).allclose(transductiveOfTwo, 1e-3, 1e-3));
    }

    [Fact]
    public void Fixed_SameBatchAgain_EqualsOfBatch()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] parameters = RandomTensors.Leaves(_model.Schema.Layout, 1);
        torch.Tensor images = RandomTensors.Gaussian(2, 6, 1, 16, 16);
        var statistics = new CollectedStatistics();
        torch.Tensor collecting = _model.Forward(parameters, images, new ForwardPass(statistics));
        Assert.True(collecting.allclose(_model.Forward(parameters, images, ForwardPass.Transductive), 0, 0));
        Assert.True(collecting.allclose(_model.Forward(parameters, images, new ForwardPass(statistics.Fixed)), 1e-11, 1e-11));
    }

    [Fact]
    public void Collect_SecondPass_IsRefused()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] parameters = RandomTensors.Leaves(_model.Schema.Layout, 1);
        torch.Tensor images = RandomTensors.Gaussian(2, 6, 1, 16, 16);
        var statistics = new CollectedStatistics();
        _model.Forward(parameters, images, new ForwardPass(statistics));
        Assert.Throws<InvalidOperationException>(() => _model.Forward(parameters, images, new ForwardPass(statistics)));
    }
}
